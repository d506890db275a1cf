import { extname } from "node:path";
import { AssayError } from "../core/index.ts";

/** SVG or HTML as text or bytes, PNG as bytes, or what can draw itself as SVG. */
export type Figure = string | Uint8Array | { toSVG(): string };

type Format = "svg" | "png" | "html";

/** Bytes in which a format shows. */
const HEAD_SIZE = 64 * 1024;
const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

/**
 * The content of a figure when it is in the format that the path names.
 *
 * @throws {AssayError} `invalid-argument` for another format, or a path without one.
 */
export function figureContent(figure: Figure, path: string): string | Uint8Array {
  const isDrawn = typeof figure === "string" || figure instanceof Uint8Array;
  const content = isDrawn ? figure : drawn(figure);
  const found = formatOf(content);
  const extension = extname(path).toLowerCase();
  if (found !== undefined && extension === `.${found}`) {
    return content;
  }
  const advice = found === undefined ? "" : `; name it with .${found}`;
  throw new AssayError(
    "invalid-argument",
    `Expected a figure in SVG (.svg), PNG (.png) or HTML (.html) that fits the path "${path}", got ${found?.toUpperCase() ?? "neither of them"}${advice}`,
  );
}

function drawn(figure: { toSVG(): string }): string {
  if (typeof figure?.toSVG === "function") return figure.toSVG();
  throw new AssayError(
    "invalid-argument",
    `Expected a figure: SVG or HTML text, PNG bytes, or an object with toSVG(), got ${figure === null ? "null" : typeof figure}`,
  );
}

function formatOf(content: string | Uint8Array): Format | undefined {
  const isText = typeof content === "string";
  const text = isText ? content : Buffer.from(content.subarray(0, HEAD_SIZE)).toString("latin1");
  if (!isText && text.startsWith(PNG_SIGNATURE)) return "png";
  // Behind a byte-order mark, an XML declaration, comments and a doctype.
  const start = text.replace(
    /^(\ufeff|\xef\xbb\xbf|\s|<\?[^>]*>|<!--[\s\S]*?-->|<!doctype svg[^>]*>)+/i,
    "",
  );
  if (/^<svg[\s/>]/i.test(start)) return "svg";
  return /^<(!doctype html|html|head|body|div|script)[\s>]/i.test(start) ? "html" : undefined;
}
