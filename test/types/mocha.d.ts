/** The globals of mocha, for test files only. */
/// <reference types="mocha" />
