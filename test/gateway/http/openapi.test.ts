import { isJsonObject, type Json } from '@yinxin/core';
import { expect } from 'chai';
import { createApp } from '../../../gateway/http/app.ts';
import { openapi } from '../../../gateway/http/openapi.ts';
import { operations, parameterSchemas, validatorOf } from '../../fixtures/api.ts';

function refsIn(json: Json): readonly string[] {
  if (Array.isArray(json)) return json.flatMap(refsIn);
  if (!isJsonObject(json)) return [];
  const own = typeof json['$ref'] === 'string' ? [json['$ref']] : [];
  return [...own, ...Object.values(json).flatMap(refsIn)];
}

const schemas = () => (openapi['components'] as { readonly schemas: { readonly [name: string]: Json } }).schemas;

describe('gateway/http: the OpenAPI document', () => {
  const { routes } = createApp({
    services: () => undefined,
    page: () => undefined,
    isTls: false,
    processFigures: () => ({ residentBytes: 0, uptimeSeconds: 0 }),
    logBug: () => undefined,
  });

  it('describes every route, and no other', () => {
    const described = operations().map(({ method, path }) => `${method} ${path}`);
    expect(routes.map(({ method, path }) => `${method} ${path}`)).to.have.members(described);
  });

  it('gives every operation a name of its own and its path parameters', () => {
    const names = operations().map(({ node }) => node['operationId']);
    expect(new Set(names).size).to.equal(names.length);
    for (const operation of operations()) {
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([...parameterSchemas(operation).keys()]).to.include.members(inPath);
    }
  });

  it('holds schemas that are valid JSON Schema 2020-12', () => {
    for (const name of Object.keys(schemas())) validatorOf({ $ref: `#/components/schemas/${name}` });
    expect(Object.keys(schemas()).length).to.be.greaterThan(30);
  });

  it('refers to what is there, and has nothing that is never referred to', () => {
    const used = new Set(refsIn(openapi).map((ref) => ref.replace('#/components/schemas/', '')));
    expect(Object.keys(schemas())).to.have.members([...used]);
  });
});
