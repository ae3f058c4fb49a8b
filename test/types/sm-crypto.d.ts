/** What the tests use of sm-crypto, the second opinion on SM2 and SM3. */
declare module 'sm-crypto' {
  interface Sm2Options {
    readonly hash: true;
    readonly userId: string;
    readonly publicKey?: string;
  }
  const library: {
    readonly sm2: {
      generateKeyPairHex(): { privateKey: string; publicKey: string };
      doSignature(message: readonly number[], privateKey: string, options: Sm2Options): string;
      doVerifySignature(message: readonly number[], signature: string, publicKey: string, options: Sm2Options): boolean;
    };
    sm3(message: readonly number[], options?: { readonly mode: 'hmac'; readonly key: string }): string;
  };
  export = library;
}
