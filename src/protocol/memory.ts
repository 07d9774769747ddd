/** Memory with anything in it: nobody is to see an octet of it that was not written to. */

/** Memory for so many octets, with anything in it. */
export type Allocate = (octets: number) => Uint8Array<ArrayBuffer>;

/** Of Node's Buffer, what gives memory without filling it with zeros. */
interface BufferClass {
  allocUnsafeSlow(octets: number): Uint8Array<ArrayBuffer>;
}

/** The cheapest memory of a platform: filling much of it with zeros costs as much as writing to it. */
export function allocatorOf(platform: object): Allocate {
  const { Buffer } = platform as { Buffer?: BufferClass };
  if (Buffer === undefined || !givesPlainMemory(Buffer)) return zeroed;
  return (octets) =>
    octets < WORTH_ASKING ? zeroed(octets) : new Uint8Array(Buffer.allocUnsafeSlow(octets).buffer);
}

function zeroed(octets: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets);
}

/** Whether what it gives is all of an ordinary buffer. */
function givesPlainMemory(Buffer: BufferClass): boolean {
  try {
    const { buffer } = Buffer.allocUnsafeSlow(WORTH_ASKING);
    return buffer instanceof ArrayBuffer && buffer.byteLength === WORTH_ASKING;
  } catch {
    return false;
  }
}

/** Less is as cheap with zeros in it. */
const WORTH_ASKING = 4_096;

/** This platform's. */
export const allocate: Allocate = allocatorOf(globalThis);
