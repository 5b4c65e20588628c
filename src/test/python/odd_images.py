"""Small image files of every kind and ways to damage them, by a random generator: for fuzz_images.py.

A file is a list of pieces: a PNG's chunks, a JPEG's segments and scans, a WebP's chunks.
"""

import base64
import io
import struct
import zlib

from PIL import Image

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
PNG_KINDS = [(c, d) for c, depths in ((0, (1, 2, 4, 8, 16)), (3, (1, 2, 4, 8))) for d in depths]
PNG_KINDS += [(c, d) for c in (2, 4, 6) for d in (8, 16)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

EXIF = b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # an orientation

# JPEG files that Pillow does not write, 17 x 11 and 7 x 5
ARITHMETIC = """c-s4a<NpH&0WUXCHwH#V1_nkTWcYuZ!I^=VlZ%^+gO{6&n~#r|Usyp@SV%}%T}Dn^K~K}rKu=Rw$Jolt&e+V&Tu0X-+|kX)FDN+3
$Sx`|Dj>ltFvuTd2qPaKpRk~?ny9Fnzp1XNKgr<#Nd`d<25tsHW=16jCP7AKLB{`Q7`PY&1Xvjb1X=&zWnf`o`hSaohnW#5%`C`Z&v4=BCad@F
q?$h&2h}s5X1pz;!d>@UfQz>~QcNWMQg-B_gWq1-7o_BLPvgG(;gFQvstXf(r_JF{XP+c3n)%`v*Hvfz9b#8n{q8=yw<E=2j{&c9G{^c%1^;dTZvp^j9$Bp"""
ARITHMETIC_PROGRESSIVE = """c-s4a<NpH&0WUXCHwH#V1_nkTWcYuZ!I^=VlZ%^+gO{6&n~#r|Usyp@SV%}%T}Dn^K~K}rKu=Rw$Jolt&e+V&Tu0X
-+|kX)FDN+3$Sx`|Dj>ltFvuTd2qPaKpRk~?ny9Fnzp1XNKgr<#DF#6f25tsHW=16jCP7AKLB{`Q7}yvD7zO^{V&GwBWMC3t763Z?>`L3^CSrZ_4;=u?v
k0&PWjTQUVPs{p_~=wA^FzCCWAr=a6_H8zK=OhRd1gjNdqz!Ji*wdu2jVS|B$z-F-u$zkH+?ddYCtiO&7NuLi3japAEVl1uQ<h4GNx$9Ro%k<?J%b?Ff%
YP2>jfDW~D&O`^j@Apjju7CtW%%umR0f0k4J=3RnK#S{+)UYI#y6=#kot|2F|s;(qS"""
LOSSLESS = """c-s4a<NrGbKF5^&q*R6!1`zmvm_d+(ft7)sIY^MfU68>^km3Ik1}O#xW=0@jfCCm*HfBZ!rvJAXc$kA2+!>r0fRf*qTC7@8bZ&9D>sGV
u)v5h#Y=3|53W_!=DL+?dJjq3260ghRTZ?<t_9REW+N$&+-7dsIbK;DT@2zK-&e2y$+c15aSC@yU#S?kg#KUclPqG9%m6;~0ELfHLpW**a04td~HU"""


def smooth(rng, width, height, mode):
    """Waves with noise: what neighbours share and what they do not."""
    noise = rng.choice((1, 20, 120))
    steps = [(rng.randint(-9, 9), rng.randint(-9, 9), rng.randint(0, 255)) for _ in mode]
    levels = bytearray()
    for y in range(height):
        for x in range(width):
            levels += bytes((abs(a * x + b * y + c) + rng.randrange(noise)) & 255 for a, b, c in steps)
    return Image.frombytes(mode, (width, height), bytes(levels))


def places(data, what):
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)


# PNG


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def ancillary(rng):
    text = b"Comment\0" + rng.randbytes(rng.randrange(9))
    packed = zlib.compress(rng.randbytes(20))
    frame = struct.pack(">IIIIIHHBB", rng.randrange(2), rng.randint(1, 6), rng.randint(1, 6), 0, 1, 1, 10, 0, 0)
    return rng.choice(
        [
            (b"gAMA", struct.pack(">I", 45455)),
            (b"cHRM", rng.randbytes(32)),
            (b"sRGB", b"\0"),
            (b"pHYs", struct.pack(">IIB", 2835, 2835, rng.randrange(3))),
            (b"tEXt", text),
            (b"zTXt", b"Comment\0\0" + packed),
            (b"iTXt", b"Comment\0" + rng.choice((b"\0\0", b"\1\0", b"\1\1")) + b"en\0\0" + packed),
            (b"iCCP", b"profile\0\0" + packed),
            (b"eXIf", b"MM\0*" + bytes(8)),
            (b"tIME", rng.randbytes(7)),
            (b"bKGD", rng.randbytes(rng.choice((1, 2, 6)))),
            (b"acTL", struct.pack(">II", rng.randrange(3), 0)),
            (b"fcTL", frame),
            (b"fdAT", struct.pack(">I", rng.randrange(3)) + packed),
            (rng.choice((b"vpAg", b"CRIT", b"DDAT", b"ab_9")), rng.randbytes(rng.randrange(9))),
        ]
    )


def png_rows(rng, width, height, bits, interlaced):
    parts = [(len(range(x, width, dx)), len(range(y, height, dy))) for x, y, dx, dy in ADAM7]
    for columns, rows in parts if interlaced else [(width, height)]:
        for _ in range(rows if columns else 0):
            size = (columns * bits + 7) // 8
            low = rng.choice((0, 1, 255))  # small differences or none make long matches
            yield bytes([rng.randrange(5)]) + bytes(b & low for b in rng.randbytes(size))


def png(rng):
    colour, depth = rng.choice(PNG_KINDS)
    width, height, interlaced = rng.randint(1, 40), rng.randint(1, 30), rng.randrange(2)
    rows = list(png_rows(rng, width, height, CHANNELS[colour] * depth, interlaced))
    if rng.randrange(8) == 0:  # rows that are missing or too many
        rows = rows[: rng.randrange(len(rows) + 1)] + rows[: rng.randrange(2)]
    if rng.randrange(20) == 0:
        rows[-1:] = [bytes([rng.randrange(4, 9)]) + rows[-1][1:]] if rows else []
    window = rng.choice((9, 12, 15))
    packer = zlib.compressobj(rng.randrange(10), zlib.DEFLATED, window, 9, rng.randrange(5))
    data = packer.compress(b"".join(rows)) + packer.flush()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))]
    if colour == 3 and rng.randrange(9):
        entries = rng.choice((1 << depth, 1 << depth, rng.randint(0, 257)))
        chunks.append((b"PLTE", rng.randbytes(3 * entries + (rng.randrange(3) if rng.randrange(6) == 0 else 0))))
    if rng.randrange(4) == 0:
        chunks.append((b"tRNS", rng.randbytes(6) if colour != 3 else rng.choice((b"\xff\0\xff", b"\x80\x90"))))
    for _ in range(rng.randrange(4)):
        chunks.insert(rng.randint(1, len(chunks)), ancillary(rng))
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.choice((0, 0, 1, 4))))
    for start, end in zip([0, *cuts], [*cuts, len(data)]):
        chunks.append((b"IDAT", data[start:end]))
    for _ in range(rng.randrange(3)):
        chunks.append(ancillary(rng))
    return [b"\x89PNG\r\n\x1a\n"] + [chunk(*c) for c in chunks] + [chunk(b"IEND", b"")]


def png_piece(rng, piece):
    """A chunk with another content, length, name or checksum."""
    name, data = piece[4:8], bytearray(piece[8:-4])
    kind = rng.randrange(5)
    if kind == 0 and data:
        data[rng.randrange(len(data))] = rng.choice((0, 1, 255, rng.randrange(256)))
    elif kind == 1:
        del data[rng.randint(0, len(data)) :]
    elif kind == 2:
        data += rng.randbytes(rng.randint(1, 9))
    elif kind == 3:
        return struct.pack(">I", max(len(data) + rng.choice((-1, 1, 4, -4, 1 << 31)), 0)) + piece[4:]
    else:
        return piece[:-4] + rng.randbytes(4)
    return chunk(name, bytes(data))


def png_claim(data):
    return [struct.unpack(">II", data[at + 4 : at + 12]) for at in places(data, b"IHDR") if at + 12 <= len(data)]


# JPEG


def segment(marker, data, length=None):
    return struct.pack(">BBH", 255, marker, len(data) + 2 if length is None else length) + data


def odd_segment(rng):
    resource = rng.choice((b"8BIM\x03\xed\0\0\0\0\0\x10" + bytes(16), b"8BIM", b"8BIM\4\4\0\0\0\0\0\3abc\0"))
    return rng.choice(
        [
            segment(0xE0, b"JFIF\0\1\1\1\0\x48\0\x48\0\0"),
            segment(0xE0, b"JFIF\0\1\1"[: rng.randint(4, 7)]),
            segment(0xE0 + rng.randrange(16), rng.randbytes(rng.randrange(12)), rng.choice((None, 0, 1, 2))),
            segment(0xE1, b"Exif\0\0" + rng.choice((b"", b"MM", EXIF))),
            segment(0xE2, b"ICC_PROFILE\0" + rng.choice((b"", b"\1", b"\1\1profile"))),
            segment(0xED, b"Photoshop 3.0\0" + resource),
            segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([rng.randrange(4)])),
            segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"[: rng.randint(5, 12)]),
            segment(0xFE, rng.randbytes(rng.randrange(9))),
            b"\xff" * rng.randrange(3) + rng.randbytes(rng.randrange(3)),
            bytes([255, rng.randrange(256)]),
        ]
    )


def jpeg(rng):
    kind = rng.randrange(12)
    if kind == 0:
        odd = rng.choice((ARITHMETIC, ARITHMETIC_PROGRESSIVE, LOSSLESS))
        return jpeg_pieces(zlib.decompress(base64.b85decode(odd.replace("\n", ""))))
    mode = rng.choice(("RGB", "RGB", "RGB", "L", "CMYK"))
    options = {"quality": rng.choice((5, 50, 90, 100)), "progressive": rng.randrange(3) == 0}
    if mode == "RGB":
        options |= rng.choice(({"subsampling": rng.randrange(3)}, {"keep_rgb": True}))
    if rng.randrange(3) == 0:
        options[rng.choice(("restart_marker_blocks", "restart_marker_rows"))] = rng.randint(1, 3)
    if rng.randrange(6) == 0:
        options["exif"] = b"Exif\0\0" + EXIF
    file = io.BytesIO()
    smooth(rng, rng.randint(1, 45), rng.randint(1, 40), mode).save(file, "JPEG", **options)
    pieces = jpeg_pieces(file.getvalue())
    if mode == "RGB" and rng.randrange(4) == 0:  # other factors; the blocks are then others' too
        sof = next(i for i, p in enumerate(pieces) if p[1] in (0xC0, 0xC2))
        factors = bytes([rng.choice((0x11, 0x12, 0x21, 0x22, 0x41, 0x14, 0x42))])
        pieces[sof] = pieces[sof][:11] + factors + pieces[sof][12:]
    if mode != "L" and rng.randrange(4) == 0:  # Adobe's mark of the colours instead of JFIF's
        pieces = [p for p in pieces if p[1] not in (0xE0, 0xEE)]
        pieces.insert(1, segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([rng.randrange(4)])))
    for _ in range(rng.choice((0, 0, 1, 2))):
        pieces.insert(rng.randint(1, len(pieces) - 1), odd_segment(rng))
    return pieces


def jpeg_pieces(data):
    """Segments; a scan's data lie with its header."""
    pieces, at = [data[:2]], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xDA:
            while data[end] != 255 or data[end + 1] in (0, *range(0xD0, 0xD8)):
                end += 1
        pieces.append(data[at:end])
        at = end
    return [*pieces, data[at:]]


def jpeg_piece(rng, piece):
    """A segment with another content, length or marker, or a scan with other data."""
    data, kind = bytearray(piece), rng.randrange(5)
    if kind == 0 and len(data) > 4:
        data[rng.randrange(4, min(len(data), 30))] = rng.choice((0, 1, 255, rng.randrange(256)))
    elif kind == 1 and len(data) > 3:
        data[3] = (data[3] + rng.choice((-1, 1, -3, 3))) & 255
    elif kind == 2:
        data[1] = rng.choice((data[1] ^ 1 << rng.randrange(8), rng.randrange(0xC0, 256)))
    elif kind == 3:
        del data[rng.randint(0, len(data)) :]
    else:
        at = rng.randint(0, len(data))
        data[at:at] = rng.choice((b"\xff\xd0", b"\xff\xd3", b"\xff", b"\xff\xd9", b"\xff\x00", rng.randbytes(3)))
    return bytes(data)


def jpeg_claim(data):
    frames = [at for code in (*range(0xC0, 0xC4), 0xC9, 0xCA) for at in places(data, bytes([255, code]))]
    return [struct.unpack(">HH", data[at + 5 : at + 9]) for at in frames if at + 9 <= len(data)]


# WebP


def webp(rng):
    mode = rng.choice(("RGB", "RGBA"))
    width, height = rng.randint(1, 45), rng.randint(1, 40)
    options = {"quality": rng.choice((1, 60, 100)), "lossless": rng.randrange(2) == 0, "method": rng.randrange(7)}
    if rng.randrange(4) == 0:
        options["exif"] = b"Exif\0\0MM\0*" + bytes(9)
    if rng.randrange(6) == 0:
        options["icc_profile"] = rng.randbytes(21)
    if rng.randrange(6) == 0:
        options["xmp"] = b"<x/>"
    frames = [smooth(rng, width, height, mode) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:], "allow_mixed": rng.randrange(2) == 0}
    file = io.BytesIO()
    frames[0].save(file, "WEBP", **options)
    data, pieces, at = file.getvalue(), [file.getvalue()[:12]], 12
    while at < len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        # an animation's frame begins like a chunk of its own, whose chunks follow
        end = at + 24 if data[at : at + 4] == b"ANMF" and rng.randrange(2) else at + 8 + length + length % 2
        pieces.append(data[at:end])
        at = end
    return pieces


def webp_piece(rng, piece):
    """A chunk with another content, length or name."""
    data, kind = bytearray(piece), rng.randrange(5)
    if kind == 0:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 1 and len(data) > 8:
        data[rng.randrange(8, min(len(data), 40))] = rng.choice((0, 1, 255, rng.randrange(256)))
    elif kind == 2 and len(data) > 8:
        length = int.from_bytes(data[4:8], "little") + rng.choice((-2, -1, 1, 2, 1 << 31))
        data[4:8] = struct.pack("<I", max(length, 0) & 0xFFFFFFFF)
    elif kind == 3:
        data[:4] = rng.choice((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANMF", b"ANIM", b"EXIF", b"abcd"))
    else:
        return bytes(data[: 2 * rng.randint(0, len(data) // 2)])
    return bytes(data)


def webp_claim(data):
    number = lambda at: int.from_bytes(data[at : at + 3], "little") + 1
    return [(number(at + 12), number(at + 15)) for at in places(data, b"VP8X")]


def webp_size(rng, data):
    """The length that the file gives itself fits, more often than not."""
    return data[:4] + struct.pack("<I", max(len(data) - 8, 0)) + data[8:] if rng.randrange(4) else data


# A format: how its pieces are made, how one is changed, how a file is made whole again, the sizes that it claims.
FORMATS = {
    "png": (png, png_piece, lambda _, data: data, png_claim),
    "jpeg": (jpeg, jpeg_piece, lambda _, data: data, jpeg_claim),
    "webp": (webp, webp_piece, webp_size, webp_claim),
}
