import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import type { EdgeVectors } from './vector-types';

const valid = (comment: string, text: string): EdgeVectors['json']['valid'][number] => ({
  comment,
  text,
  canonical: canonicalJson(JSON.parse(text)),
});
const invalid = (comment: string, text: string): EdgeVectors['json']['invalid'][number] => ({ comment, text });
const nested = (levels: number, open: string, close: string): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

/** Texts that every reader of Keyward's takes, with what they are written as, and texts that none takes. */
export const jsonVectors: EdgeVectors['json'] = {
  valid: [
    valid('white space of every kind', ' \t\r\n{ "a" : [ 1 , 2 ] } \n'),
    valid('no object', '"text"'),
    valid('one name in two objects', '{"a":{"a":1},"b":[{"a":1},{"a":2}]}'),
    valid('one text as name and value', '{"a":"a","b":"a"}'),
    valid('names that differ in case, or in how they are composed', '{"a":1,"A":2,"\\u00fc":3,"u\\u0308":4}'),
    valid('__proto__ as a value', '{"a":"__proto__","b":["__proto__"]}'),
    valid(
      'names that objects of some languages have',
      '{"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4,"proto":5}',
    ),
    valid('a character beyond the Basic Multilingual Plane, escaped', '{"\\ud83d\\ude00":"\\uD83D\\uDE00"}'),
    valid('characters that are none, and are well-formed', '{"a":"\\uffff\\ufffe\\ufffd\\u0000\\u007f\\u2028"}'),
    valid('a byte order mark that is not at the beginning', '{"a":"\ufeff"}'),
    valid('every escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u000b"'),
    valid('names in the order of UTF-16', '{"\\uff5e":1,"\\ud83d\\ude00":2,"b":3,"a":4,"":5}'),
    valid('8 levels', nested(8, '[', ']')),
    valid(
      'numbers that a double has in its shortest digits',
      '[0.1,-0.1,1.5,1e21,1e-7,123456789012345680000,5e-324,1.7976931348623157e308]',
    ),
    valid('the same in other spellings', '[0.10,1.50,15E-1,1000000000000000000000,0.0000001,1e+21,100.0,0e5]'),
    valid('minus zero', '[-0,-0.0,-0e3]'),
    valid('the largest whole numbers that are exact', '[9007199254740991,-9007199254740991,9007199254740992]'),
  ],
  invalid: [
    invalid('a name twice', '{"a":1,"a":1}'),
    invalid('a name twice, with others between', '{"a":1,"b":2,"c":3,"a":4}'),
    invalid('a name twice, once escaped', '{"a":1,"\\u0061":2}'),
    invalid('a name twice, deeper', '{"x":[{"y":{"a":1,"a":2}}]}'),
    invalid('an empty name twice', '{"":1,"":2}'),
    invalid('a name twice, with white space before the colon', '{"a" :1,"a"\n:2}'),
    invalid('__proto__', '{"__proto__":1}'),
    invalid('__proto__ escaped', '{"__prot\\u006f__":{}}'),
    invalid('__proto__ deeper', '[{"a":{"__proto__":null}}]'),
    invalid('the first half of a character', '{"a":"\\ud83d"}'),
    invalid('the second half of a character', '{"a":"\\ude00"}'),
    invalid('both halves in the wrong order', '{"a":"\\ude00\\ud83d"}'),
    invalid('half a character and an escape', '{"a":"\\ud83d\\n"}'),
    invalid('half a character in a name', '{"\\udfff":1}'),
    invalid('a byte order mark at the beginning', '\ufeff{}'),
    invalid('9 levels', nested(9, '[', ']')),
    invalid('9 levels of objects', nested(9, '{"a":', '}')),
    invalid('more digits than a double has', '12345678901234567890'),
    invalid('one more than the largest exact number, and one', '9007199254740993'),
    invalid('all digits of the double that is nearest to 0.1', '0.1000000000000000055511151231257827'),
    invalid('a fraction too fine', '[0.12345678901234567]'),
    invalid('beyond every double', '1e400'),
    invalid('below every double', '-1e-400'),
    invalid('an exponent that is beyond every number', '1e99999999999999999999'),
    invalid('nothing', ''),
    invalid('white space alone', ' '),
    invalid('two values', '{} {}'),
    invalid('a comma too many', '[1,]'),
    invalid('a comment', '{}//'),
    invalid('a leading zero', '01'),
    invalid('a plus sign', '+1'),
    invalid('no digit before the point', '.5'),
    invalid('no digit after the point', '1.'),
    invalid('no number', 'NaN'),
    invalid('single quotes', "{'a':1}"),
    invalid('a control character in a text', '"\t"'),
    invalid('white space that is none', '\u00a0{}'),
    invalid('an escape that there is not', '"\\x41"'),
    invalid('an escape that is cut off', '"\\u00"'),
  ],
};
