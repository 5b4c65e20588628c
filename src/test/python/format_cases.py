"""Writes the case g_image_processing@formats: small GIF, BMP and TIFF files of every kind, and what Pillow makes of them.

Run with Pillow 13.0.0 and NumPy 2.4.6:  python format_cases.py src/test/resources/golden/g_image_processing@formats
"""

import hashlib
import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

W, H = 19, 11
BYTE, SHORT, LONG, LONG8 = 1, 3, 4, 16
SIZES = {BYTE: 1, SHORT: 2, LONG: 4, LONG8: 8}
LETTERS = {BYTE: "B", SHORT: "H", LONG: "I", LONG8: "Q"}
RAW, CCITT, GROUP3, GROUP4, LZW, JPEG, DEFLATE, OLD_DEFLATE, PACKBITS = 1, 2, 3, 4, 5, 7, 8, 32946, 32773
rng = np.random.default_rng(23)


def noise(levels, channels=1, width=W, height=H):
    """Runs of random levels, so that every compression has something to do."""
    values = rng.integers(0, levels, (height, width, channels))
    values[:, 1:][rng.integers(0, 3, (height, width - 1)) > 0] = values[:1, :1]
    return values


# ---------------------------------------------------------------- GIF


def lzw_codes(pixels, bits, limit=4096, clear_when_full=True):
    clear = 1 << bits
    table, size = {(i,): i for i in range(clear)}, bits + 1
    yield clear, size
    following, prefix = clear + 2, ()
    for pixel in pixels:
        if prefix + (pixel,) in table:
            prefix += (pixel,)
            continue
        yield table[prefix], size
        if following < limit:
            table[prefix + (pixel,)] = following
            following += 1
            if following > 1 << size and size < 12:
                size += 1
        elif clear_when_full:
            yield clear, size
            table, size = {(i,): i for i in range(clear)}, bits + 1
            following = clear + 2
        prefix = (pixel,)
    yield table[prefix], size
    if following == 1 << size and size < 12:
        size += 1
    yield clear + 1, size


def low_bits_first(codes):
    number = count = 0
    for code, size in codes:
        number |= code << count
        count += size
    return number.to_bytes((count + 7) // 8, "little")


def colours(count):
    return rng.integers(0, 256, 3 * count, dtype=np.uint8).tobytes()


def sub_blocks(data, length=255):
    parts = [data[i : i + length] for i in range(0, len(data), length)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def table_flag(palette):
    return 0x80 | max(0, (len(palette) // 3 - 1).bit_length() - 1) if palette else 0


def gif_frame(pixels, bits, left=0, top=0, palette=b"", interlaced=False, clear_when_full=True, block=255):
    height, width = pixels.shape
    if interlaced:
        pixels = np.concatenate([pixels[0::8], pixels[4::8], pixels[2::4], pixels[1::2]])
    header = struct.pack("<HHHHB", left, top, width, height, table_flag(palette) | (0x40 if interlaced else 0))
    data = low_bits_first(lzw_codes([int(p) for p in pixels.ravel()], bits, clear_when_full=clear_when_full))
    return b"," + header + palette + bytes([bits]) + sub_blocks(data, block)


def control(transparent, disposal=0):
    flags = disposal << 2 | (transparent is not None)
    return b"!\xf9\4" + bytes([flags, 5, 0, transparent or 0]) + b"\0"


def gif(*frames, palette=b"", size=(W, H), background=0, version=b"89a", end=b";"):
    screen = struct.pack("<HHBBB", *size, table_flag(palette), background, 0)
    return b"GIF" + version + screen + palette + b"".join(frames) + end


def gifs():
    indices = noise(16)[..., 0]
    part = indices[2:9, 3:12]
    p4, p16, p256 = colours(4), colours(16), colours(256)
    many = rng.integers(0, 256, (90, 80))
    yield "plain", gif(gif_frame(indices, 4), palette=p16)
    yield "87a", gif(gif_frame(indices, 4), palette=p16, version=b"87a")
    yield "interlaced", gif(gif_frame(indices, 4, interlaced=True), palette=p16)
    yield "interlaced_low", gif(gif_frame(indices[:3], 4, interlaced=True), palette=p16, size=(W, 3))
    yield "local_palette", gif(gif_frame(indices, 4, palette=p16), palette=p4)
    yield "transparent", gif(control(3), gif_frame(indices, 4), palette=p16)
    yield "part", gif(gif_frame(part, 4, 3, 2), palette=p16, background=5)
    yield "part_interlaced", gif(gif_frame(part, 4, 3, 2, interlaced=True), palette=p16)
    yield "part_transparent", gif(control(7, 2), gif_frame(part, 4, 3, 2), palette=p16, background=5)
    yield "larger_than_screen", gif(gif_frame(indices, 4, 2, 1), palette=p16, size=(5, 4))
    yield "no_palette", gif(gif_frame(indices, 4))
    grey = bytes(np.repeat(np.arange(256, dtype=np.uint8), 3))
    yield "grey", gif(gif_frame(many, 8), palette=grey, size=(80, 90))
    yield "local_grey", gif(gif_frame(indices, 4, palette=grey[:48]))
    yield "local_grey_over_colours", gif(gif_frame(indices, 4, palette=grey[:48]), palette=p16)
    yield "short_palette", gif(gif_frame(indices, 4), palette=p4)
    yield "full_table", gif(gif_frame(many, 8), palette=p256, size=(80, 90))
    yield "table_stays_full", gif(gif_frame(many, 8, clear_when_full=False, block=77), palette=p256, size=(80, 90))
    yield "two_colours", gif(gif_frame(indices % 2, 2), palette=p4[:6])
    yield "animated", gif(
        b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0", control(None, 1), gif_frame(part, 4, 3, 2),
        control(2, 2), gif_frame(indices, 4), palette=p16,
    )
    yield "comments", gif(b"!\xfe\5hello\3abc\0", b"!\1\3abc\2de\0", gif_frame(indices, 4), palette=p16)
    yield "without_end", gif(gif_frame(indices, 4)[:-1], palette=p16, end=b"")


# ---------------------------------------------------------------- BMP


def rows_of(samples, bits, unit=4):
    """Packed from the highest bit on, rows filled up to whole units of bytes."""
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % (8 * unit))
        rows += int(text, 2).to_bytes(len(text) // 8, "big")
    return rows


def bmp(data, bits, palette=b"", header=40, compression=0, used=None, top_down=False, masks=b"", offset=None, size=None):
    width, height = size or (W, H)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        count = len(palette) // 4 % 256 if used is None else used
        info = struct.pack("<IiiHHIIIIII", header, width, -height if top_down else height, 1, bits, compression,
                           len(data), 2835, 2835, count, 0)
        info += (masks + bytes(84))[: header - 40] if header > 40 else masks
    at = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at if offset is None else offset) + info + palette + data


def bgr(samples, filler=()):
    """Bytes of rows from the bottom up, with the fillers after each pixel."""
    parts = [samples[..., ::-1]] + [np.full(samples.shape[:2] + (1,), f) for f in filler]
    flat = np.concatenate(parts, -1).astype(np.uint8)[::-1]
    rows = flat.reshape(flat.shape[0], -1)
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()


def words(samples, letter):
    rows = [struct.pack(f"<{len(row)}{letter}", *(int(v) for v in row)) for row in samples[::-1]]
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def run_lengths(indices, nibbles):
    """Runs, literal runs, line ends; the last line is left out by a jump in its middle."""
    data = b""
    for row in indices[::-1]:
        row = [int(v) for v in row]
        if nibbles:
            data += bytes([9, row[0] << 4 | row[1]])
            data += bytes([0, 5]) + bytes([row[9] << 4 | row[10], row[11] << 4 | row[12], row[13] << 4, 0])
            data += bytes([5, row[14] << 4 | row[15]])
        else:
            data += bytes([9, row[0]]) + bytes([0, 5]) + bytes(row[9:14]) + b"\0" + bytes([5, row[18]])
        data += b"\0\0"
    return data


def with_jumps(nibbles):
    value = lambda v: v << 4 | v if nibbles else v
    data = bytes([4, value(3), 0, 2, 7, 2, 3, value(5)])  # a jump to the right and up
    data += bytes([30, value(2), 0, 0])  # a run that is longer than its row
    data += bytes([0, 0])  # an empty row, which Pillow passes over
    data += bytes([0, 3]) + (bytes([0x12, 0x30]) if nibbles else bytes([1, 2, 3, 0]))
    data += bytes([0, 2, 0, H])
    return data + b"\0\1"


def bmps():
    flip = lambda samples: samples[::-1]
    for bits in (1, 4, 8):
        indices = noise(1 << bits)
        data = rows_of(flip(indices), bits)
        palette = b"".join(colours(1) + b"\0" for _ in range(1 << bits))
        yield f"palette_{bits}", bmp(data, bits, palette)
        yield f"palette_{bits}_core", bmp(data, bits, colours(1 << bits), header=12)
        yield f"palette_{bits}_top_down", bmp(rows_of(indices, bits), bits, palette, top_down=True)
        yield f"palette_{bits}_no_offset", bmp(data, bits, palette, offset=0)
        few = palette[: 4 * max(2, (1 << bits) * 3 // 4)]
        yield f"palette_{bits}_short", bmp(data, bits, few, used=len(few) // 4)
    one = noise(2)
    black_white, white_black = b"\0\0\0\0\xff\xff\xff\0", b"\xff\xff\xff\0\0\0\0\0"
    yield "black_white", bmp(rows_of(one, 1), 1, black_white)
    yield "white_black", bmp(rows_of(one, 1), 1, white_black)
    ramp = b"".join(bytes([i, i, i, 0]) for i in range(256))
    yield "grey", bmp(rows_of(noise(256), 8), 8, ramp)
    yield "grey_short", bmp(rows_of(noise(256), 8), 8, ramp[:400], used=100)
    yield "palette_claimed_larger", bmp(rows_of(noise(16), 8), 8, ramp[4:68] , used=80)
    rgb = noise(256, 3)
    for header in (12, 40, 52, 56, 64, 108, 124):
        yield f"rgb_24_{header}", bmp(bgr(rgb), 24, header=header)
    yield "rgb_24_top_down", bmp(bgr(flip(rgb)), 24, top_down=True)
    yield "rgb_24_no_last_filling", bmp(bgr(rgb)[: -(-3 * W % 4)], 24)
    yield "rgb_24_gap", bmp(b"gap" + bgr(rgb), 24, offset=57)
    yield "rgb_32", bmp(bgr(rgb, (77,)), 32)
    short = noise(1 << 16)[..., 0]
    yield "rgb_16", bmp(words(short, "H"), 16)
    for name, masks in (("565", (0xF800, 0x7E0, 0x1F)), ("555", (0x7C00, 0x3E0, 0x1F))):
        packed = struct.pack("<III", *masks)
        yield f"rgb_{name}", bmp(words(short, "H"), 16, compression=3, masks=packed)
        yield f"rgb_{name}_v4", bmp(words(short, "H"), 16, header=108, compression=3, masks=packed)
    long = rng.integers(0, 1 << 32, (H, W))
    for i, masks in enumerate([
        (0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF00, 0xFF, 0),
        (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF00, 0xFF, 0xFF0000), (0, 0, 0, 0),
    ]):  # fmt: skip
        yield f"masks_32_{i}", bmp(words(long, "I"), 32, header=124, compression=3, masks=struct.pack("<IIII", *masks))
    packed = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    yield "masks_32_v2", bmp(words(long, "I"), 32, header=52, compression=3, masks=packed)
    yield "masks_24", bmp(bgr(rgb), 24, compression=3, masks=packed)
    for nibbles, bits in ((False, 8), (True, 4)):
        palette = b"".join(colours(1) + b"\0" for _ in range(1 << bits))
        indices = noise(1 << bits)[..., 0]
        name, code = ("runs_4", 2) if nibbles else ("runs_8", 1)
        yield name, bmp(run_lengths(indices, nibbles) + b"\0\1", bits, palette, compression=code)
        yield f"{name}_jumps", bmp(with_jumps(nibbles), bits, palette, compression=code)
        yield f"{name}_without_end", bmp(run_lengths(indices, nibbles), bits, palette, compression=code)


# ---------------------------------------------------------------- TIFF


def tiff_lzw(data):
    """The codes of TIFF are of more bits one code earlier than those of GIF, and have their highest bit first."""
    table, following, size = {bytes([i]): i for i in range(256)}, 258, 9
    text, prefix = format(256, "09b"), b""
    for value in data:
        if prefix + bytes([value]) in table:
            prefix += bytes([value])
            continue
        text += format(table[prefix], f"0{size}b")
        table[prefix + bytes([value])] = following
        following += 1
        size = following.bit_length()
        if following == 4094:
            text += format(256, f"0{size}b")
            table, following, size = {bytes([i]): i for i in range(256)}, 258, 9
        prefix = bytes([value])
    text += format(table[prefix], f"0{size}b") if prefix else ""
    size = max(9, (following + 1).bit_length())
    text += format(257, f"0{size}b")
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def packbits(data):
    out, i = b"", 0
    while i < len(data):
        run = 1
        while run < 128 and data[i : i + run + 1] == data[i : i + 1] * (run + 1):
            run += 1
        if run > 1:
            out, i = out + bytes([257 - run]) + data[i : i + 1], i + run
        else:
            literal = data[i : i + 5]
            out, i = out + bytes([len(literal) - 1]) + literal, i + len(literal)
    return out + b"\x80"  # no operation


def compressed(data, compression):
    if compression == LZW:
        return tiff_lzw(data)
    if compression == PACKBITS:
        return packbits(data)
    return zlib.compress(data) if compression in (DEFLATE, OLD_DEFLATE) else data


def packed_samples(samples, kind, order, predictor):
    """kind: bits of unsigned samples, or a type of NumPy. samples: (rows, columns, channels)."""
    if isinstance(kind, int) and kind not in (8, 16, 32):
        return rows_of(samples, kind, 1)
    wide = np.dtype(f"u{kind // 8}") if isinstance(kind, int) else np.dtype(kind)
    values = samples.astype(wide)
    if predictor == 2:
        same = values.view(f"u{wide.itemsize}")
        values = np.concatenate([same[:, :1], same[:, 1:] - same[:, :-1]], 1).astype(same.dtype)
    if predictor == 3:
        flat = values.astype(wide.newbyteorder(">")).reshape(values.shape[0], -1)
        planes = flat.view(np.uint8).reshape(flat.shape[0], flat.shape[1], wide.itemsize).transpose(0, 2, 1)
        planes = planes.reshape(flat.shape[0], -1)
        step = samples.shape[2]
        return np.concatenate([planes[:, :step], planes[:, step:] - planes[:, :-step]], 1).tobytes()
    return values.astype(values.dtype.newbyteorder("<" if order == "II" else ">")).tobytes()


REVERSED = bytes(int(format(i, "08b")[::-1], 2) for i in range(256))


def blocks(samples, rows, tile):
    height, width = samples.shape[:2]
    if not tile:
        return [samples[y : y + rows] for y in range(0, height, rows)]
    w, h = tile
    padded = np.pad(samples, ((0, -height % h), (0, -width % w), (0, 0)), mode="edge")
    return [padded[y : y + h, x : x + w] for y in range(0, height, h) for x in range(0, width, w)]


def tiff(samples, photometric, kind=8, order="II", compression=RAW, rows=4, tile=None, planar=1, predictor=1, fill=1,
         extra=(), colour_map=None, big=False, more=(), pages=1, encode=None, bits_once=False):  # fmt: skip
    height, width, channels = samples.shape
    planes = [samples[..., c : c + 1] for c in range(channels)] if planar == 2 else [samples]
    parts = [packed_samples(b, kind, order, predictor) for p in planes for b in blocks(p, rows, tile)]
    if encode:
        parts = [encode(b) for p in planes for b in blocks(p, rows, tile)]
    parts = [part if encode else compressed(part, compression) for part in parts]
    parts = [part.translate(REVERSED) if fill == 2 else part for part in parts]
    bits = kind if isinstance(kind, int) else 8 * np.dtype(kind).itemsize
    tags = {256: (SHORT, [width]), 257: (LONG, [height]), 258: (SHORT, [bits] * (1 if bits_once else channels)),
            259: (SHORT, [compression]), 262: (SHORT, [photometric]), 277: (SHORT, [channels])}  # fmt: skip
    if not isinstance(kind, int):
        tags[339] = SHORT, [{"i": 2, "f": 3}[np.dtype(kind).kind]] * channels
    if planar == 2:
        tags[284] = SHORT, [2]
    if predictor > 1:
        tags[317] = SHORT, [predictor]
    if fill == 2:
        tags[266] = SHORT, [2]
    if extra:
        tags[338] = SHORT, list(extra)
    if colour_map is not None:
        tags[320] = SHORT, [int(v) for v in colour_map]
    if tile:
        tags[322], tags[323] = (SHORT, [tile[0]]), (SHORT, [tile[1]])
    else:
        tags[278] = LONG, [rows]
    tags.update(more)
    return tiff_file(tags, parts, order, tile, big, pages)


def tiff_file(tags, parts, order, tile, big, pages):
    letter, wide = "<" if order == "II" else ">", LONG8 if big else LONG
    file = order.encode() + (struct.pack(letter + "HHHQ", 43, 8, 0, 0) if big else struct.pack(letter + "HI", 42, 0))
    starts = []
    for part in parts:
        starts.append(len(file))
        file += part + bytes(len(part) % 2)
    tags = dict(tags)
    tags[324 if tile else 273] = wide, starts
    tags[325 if tile else 279] = LONG, [len(part) for part in parts]
    at, room = (8, 8) if big else (4, 4)
    for page in range(pages):
        link = len(file)
        file = file[:at] + struct.pack(letter + ("Q" if big else "I"), link) + file[at + room :]
        entries = b""
        count = "Q" if big else "H"
        place = link + (8 if big else 2) + len(tags) * (20 if big else 12) + room
        values = b""
        for tag, (kind, numbers) in sorted(tags.items()):
            data = struct.pack(f"{letter}{len(numbers)}{LETTERS[kind]}", *numbers)
            entries += struct.pack(letter + ("HHQ" if big else "HHI"), tag, kind, len(numbers))
            if len(data) <= room:
                entries += data + bytes(room - len(data))
            else:
                entries += struct.pack(letter + ("Q" if big else "I"), place + len(values))
                values += data + bytes(len(data) % 2)
        file += struct.pack(letter + count, len(tags)) + entries
        at = len(file)
        file += bytes(room) + values
        tags[257] = LONG, [1]  # of the next page
    return file


def jpeg_block(mode, photometric, subsampling=0):
    def encode(block):
        file = io.BytesIO()
        image = Image.fromarray(block.astype(np.uint8).squeeze(), mode)
        image.save(file, "JPEG", quality=90, subsampling=subsampling, keep_rgb=photometric == 2)
        data = file.getvalue()
        at, kept = 2, b"\xff\xd8"
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            kept += data[at:end] if data[at + 1] not in (0xE0, 0xEE) else b""
            at = end
        return kept + data[at:]

    return encode


def smooth(channels):
    coarse = rng.integers(0, 256, (4, 5, channels), dtype=np.uint8)
    planes = [np.asarray(Image.fromarray(coarse[..., c]).resize((W, H), Image.BICUBIC)) for c in range(channels)]
    return np.stack(planes, -1)


def written(mode, samples, compression, **info):
    """By libtiff: what has no encoder here."""
    file = io.BytesIO()
    Image.fromarray(samples.astype(np.uint8), mode).save(file, "TIFF", compression=compression, **info)
    return file.getvalue()


def tiffs():
    grey, rgb, rgba = noise(256), noise(256, 3), noise(256, 4)
    for photometric in (0, 1):
        for bits in (1, 2, 4, 8):
            samples = noise(1 << bits)
            for fill in (1, 2) if (photometric, bits) != (0, 8) else (1,):
                yield f"grey_{photometric}_{bits}_{fill}", tiff(samples, photometric, bits, fill=fill)
            yield f"grey_{photometric}_{bits}_lzw", tiff(samples, photometric, bits, order="MM", compression=LZW)
    for bits in (1, 2, 4, 8):
        table = rng.integers(0, 1 << 16, 3 << bits)
        samples = noise(1 << bits)
        yield f"palette_{bits}", tiff(samples, 3, bits, colour_map=table)
        yield f"palette_{bits}_packbits", tiff(samples, 3, bits, "MM", PACKBITS, fill=2, colour_map=table)
        yield f"palette_{bits}_tiles", tiff(samples, 3, bits, tile=(16, 16), colour_map=table)
    table = rng.integers(0, 1 << 16, 768)
    yield "palette_extra", tiff(noise(256, 2), 3, extra=(0,), colour_map=table)
    yield "palette_alpha", tiff(noise(256, 2), 3, extra=(2,), colour_map=table)
    low = rng.integers(0, 400, (H, W, 1))
    signed = rng.integers(-200, 500, (H, W, 1))
    real = signed + rng.random((H, W, 1))
    for order in ("II", "MM"):
        for compression in (RAW, LZW):
            name = f"{order}_{compression}".lower()
            yield f"grey_16_{name}", tiff(low, 1, 16, order, compression)
            if order == "II" or compression == RAW:  # Pillow swaps the bytes of others, which libtiff has swapped
                yield f"grey_int16_{name}", tiff(signed, 1, "i2", order, compression)
                yield f"grey_int32_{name}", tiff(signed, 1, "i4", order, compression)
                yield f"grey_float_{name}", tiff(real, 1, "f4", order, compression)
            yield f"rgb_16_{name}", tiff(noise(1 << 16, 3), 2, 16, order, compression)
            yield f"rgba_16_{name}", tiff(noise(1 << 16, 4), 2, 16, order, compression, extra=(2,))
            yield f"rgba_16_associated_{name}", tiff(noise(1 << 16, 4), 2, 16, order, compression, extra=(1,))
            yield f"cmyk_16_{name}", tiff(noise(1 << 16, 4), 5, 16, order, compression)
    yield "grey_0_16", tiff(low, 0, 16)
    yield "grey_0_float", tiff(real, 0, "f4")
    yield "grey_uint32", tiff(np.where(low > 300, low + (1 << 31), low), 1, 32)
    yield "grey_12", tiff(rng.integers(0, 400, (H, W, 1)), 1, 12)
    yield "grey_int8", tiff(signed.clip(-128, 127), 1, "i1")
    yield "grey_16_fill_2", tiff(low, 1, 16, fill=2)
    for extra in (0, 2):
        yield f"grey_extra_{extra}", tiff(noise(256, 2), 1, extra=(extra,))
        yield f"grey_extra_{extra}_deflate", tiff(noise(256, 2), 1, compression=DEFLATE, extra=(extra,))
    for compression in (RAW, LZW, DEFLATE, OLD_DEFLATE, PACKBITS):
        yield f"rgb_{compression}", tiff(rgb, 2, compression=compression)
        yield f"rgb_{compression}_tiles", tiff(rgb, 2, 8, "MM", compression, tile=(16, 16))
        yield f"rgb_{compression}_planes", tiff(rgb, 2, compression=compression, planar=2)
        yield f"rgb_{compression}_fill_2", tiff(rgb, 2, compression=compression, fill=2)
        yield f"rgb_{compression}_planes_tiles", tiff(rgb, 2, compression=compression, planar=2, tile=(16, 16))
        for extra in (1, 2):
            yield f"rgba_{compression}_{extra}", tiff(rgba, 2, compression=compression, extra=(extra,))
        yield f"cmyk_{compression}", tiff(rgba, 5, compression=compression)
    for kind, samples, photometric in ((8, rgb, 2), (16, noise(1 << 16, 3), 2), (16, low, 1), ("i4", signed, 1)):
        for compression in (LZW, DEFLATE):
            name = f"predicted_{kind}_{samples.shape[2]}_{compression}"
            yield name, tiff(samples, photometric, kind, compression=compression, predictor=2)
            yield f"{name}_tiles", tiff(samples, photometric, kind, "II", compression, tile=(16, 16), predictor=2)
    yield "predicted_16_mm", tiff(low, 1, 16, "MM", LZW, predictor=2)
    yield "predicted_float", tiff(real, 1, "f4", compression=LZW, predictor=3)
    yield "predicted_planes", tiff(rgb, 2, compression=DEFLATE, predictor=2, planar=2)
    yield "rgba_unmarked", tiff(rgba, 2)
    yield "rgba_0", tiff(rgba, 2, extra=(0,))
    yield "rgba_999", tiff(rgba, 2, extra=(999,))
    for extra in ((0, 0), (1, 0), (2, 0), (0, 0, 0), (1, 0, 0), (2, 0, 0)):
        name = "_".join(str(e) for e in extra)
        yield f"rgb_extra_{name}", tiff(noise(256, 3 + len(extra)), 2, extra=extra)
        yield f"rgb_extra_{name}_lzw", tiff(noise(256, 3 + len(extra)), 2, compression=LZW, extra=extra)
    for extra in ((0,), (0, 0)):
        yield f"cmyk_extra_{len(extra)}", tiff(noise(256, 4 + len(extra)), 5, extra=extra)
    yield "cmyk_planes", tiff(rgba, 5, planar=2)
    yield "cmyk_planes_lzw", tiff(rgba, 5, planar=2, compression=LZW)
    yield "rgba_planes_lzw", tiff(rgba, 2, planar=2, compression=LZW, extra=(2,))
    yield "rgba_planes_associated_lzw", tiff(rgba, 2, planar=2, compression=LZW, extra=(1,))
    yield "rgb_16_planes_lzw", tiff(noise(1 << 16, 3), 2, 16, planar=2, compression=LZW)
    yield "ycbcr_444", tiff(rgb, 6, more={530: (SHORT, [1, 1])})
    yield "ycbcr_grey", tiff(grey, 6)
    yield "bits_once", tiff(rgb, 2, bits_once=True)
    yield "big_ii", tiff(rgb, 2, big=True)
    yield "big_lzw", tiff(rgb, 2, big=True, compression=LZW, tile=(16, 16))
    yield "pages", tiff(rgb, 2, pages=3)
    yield "one_strip", tiff(rgb, 2, rows=H)
    yield "more_rows_than_there_are", tiff(rgb, 2, rows=100)
    yield "no_rows_per_strip", tiff(rgb, 2, rows=H, more={278: (LONG, [0xFFFFFFFF])})
    for orientation in range(1, 9):
        yield f"orientation_{orientation}", tiff(rgb, 2, more={274: (SHORT, [orientation])})
    yield "orientation_6_lzw", tiff(rgb, 2, compression=LZW, more={274: (SHORT, [6])})
    large = noise(256, 3, 90, 80)
    yield "large_lzw", tiff(large, 2, compression=LZW, rows=80)
    yield "noise_lzw", tiff(rng.integers(0, 256, (80, 90, 3)), 2, compression=LZW, rows=80)
    for rows, tile in ((8, None), (H, None), (8, (16, 16))):
        name = "tiles" if tile else f"rows_{rows}"
        yield f"jpeg_grey_{name}", tiff(smooth(1), 1, compression=JPEG, rows=rows, tile=tile, encode=jpeg_block("L", 1))
        yield f"jpeg_white_{name}", tiff(smooth(1), 0, compression=JPEG, rows=rows, tile=tile, encode=jpeg_block("L", 0))
        yield f"jpeg_rgb_{name}", tiff(smooth(3), 2, compression=JPEG, rows=rows, tile=tile, encode=jpeg_block("RGB", 2))
        yield f"jpeg_cmyk_{name}", tiff(
            smooth(4), 5, compression=JPEG, rows=rows, tile=tile, encode=jpeg_block("CMYK", 5))  # fmt: skip
        for subsampling, factors in ((0, [1, 1]), (1, [2, 1]), (2, [2, 2])):
            height = 16 if tile is None and rows == 8 else rows
            yield f"jpeg_ycbcr_{subsampling}_{name}", tiff(
                smooth(3), 6, compression=JPEG, rows=height, tile=tile, more={530: (SHORT, factors)},
                encode=jpeg_block("RGB", 6, subsampling))  # fmt: skip
    yield "jpeg_libtiff", written("RGB", smooth(3), "jpeg", quality=80)
    yield "jpeg_libtiff_grey", written("L", smooth(1)[..., 0], "jpeg")
    one = noise(2)[..., 0] * 255
    for name in ("tiff_ccitt", "group3", "group4"):
        bilevel = Image.fromarray(one.astype(np.uint8)).convert("1")
        for white in (0, 1):
            file = io.BytesIO()
            bilevel.save(file, "TIFF", compression=name, tiffinfo={262: white})
            yield f"{name}_{white}", file.getvalue()
    file = io.BytesIO()
    bilevel.save(file, "TIFF", compression="group3", tiffinfo={292: 1})  # in two dimensions
    yield "group3_2d", file.getvalue()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    images = []
    for kind, cases in (("gif", gifs()), ("bmp", bmps()), ("tiff", tiffs())):
        for name, content in cases:
            file = f"{kind}_{name}.{kind}"
            image = Image.open(io.BytesIO(content))
            rgb = Image.fromarray(np.asarray(image.convert("RGB")))  # without what else the file says
            digest = hashlib.sha256(repr(rgb.size).encode() + rgb.tobytes()).hexdigest()[:16]
            expected = f"pixels_{digest}.ref.png"
            (folder / file).write_bytes(content)
            if not (folder / expected).exists():
                rgb.save(folder / expected)
            images.append({"file": file, "mode": image.mode, "size_wh": rgb.size, "decoded_rgb": expected})
    provenance = f"format_cases.py, Pillow {PIL.__version__}, NumPy {np.__version__}"
    (folder / "expected.json").write_text(json.dumps({"provenance": provenance, "images": images}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
