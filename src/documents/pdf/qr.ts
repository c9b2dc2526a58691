import qrcode from 'qrcode-generator';

/** A QR code with error correction level M (EPC069-12, 2.2), as rows of dark and light, without the margin. */
export function qrMatrix(payload: string): boolean[][] {
  const code = qrcode(0, 'M');
  // the library treats each character as a byte
  code.addData(Buffer.from(payload, 'utf8').toString('latin1'), 'Byte');
  code.make();
  const places = Array.from({ length: code.getModuleCount() }, (_, at) => at);
  return places.map((row) => places.map((column) => code.isDark(row, column)));
}
