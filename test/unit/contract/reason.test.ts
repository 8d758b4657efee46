import { holdsKey, isPrintable } from '../../../lambdas/core/contract/reason';

test.each([
  ['a laptop was lost', false],
  ['found in commit 3f786850e387550fdab836ed7e6dc881de23001b by request 0123456789abcdef0123456789abcdef', false],
  ['INC-4711, see https://tickets.example.com/browse/INC-4711?focus=sk-1', false],
  ['019a2f6b-1c40-4000-8122-334455667788', false],
  ['sk-test', false],
  ['', false],
  ['leaked: sk-example-canary-not-a-real-key', true],
  ['(AIzaExample0example0example0example0000)', true],
  ['key=hf_exampleexampleexampleexampleexample', true],
])('%j', (text, expected) => {
  expect(holdsKey(text)).toBe(expected);
});

test.each([
  ['über Nacht 🔑', true],
  ['two\nlines', false],
  ['\u001b[2J', false],
  ['\u202eturned', false],
  ['\ud800', false],
])('%j is printable: %p', (text, expected) => {
  expect(isPrintable(text)).toBe(expected);
});
