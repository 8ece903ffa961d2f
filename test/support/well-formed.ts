const entity = /&(?:amp|lt|gt|quot|apos);/g;
const token = /<\?xml [^<]*\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<>]+)/gy;

/** Whether a text is well-formed XML, of elements, attributes in double quotes, and text. */
export function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  let end = 0;
  for (const [whole, closing, name = '', attributes = '', empty, text = ''] of xml.matchAll(token)) {
    end += whole.length;
    if (/[&]/.test((attributes + text).replace(entity, ''))) return false;
    if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(whole)) return false;
    if (closing === '/' ? open.pop() !== name : false) return false;
    if (name !== '' && closing === '' && empty === '') open.push(name);
  }
  return end === xml.length && open.length === 0;
}
