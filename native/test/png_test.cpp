// Damaged and odd PNG files: what Pillow makes of them. Java's twin is PngDecoderTest.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "files.h"

namespace lavis4j {
namespace {

// Two rows of two pixels.
const File kRgbRows{0, 1, 2, 3, 4, 5, 6, 2, 10, 10, 10, 10, 10, 10};
const File kRgbPixels{1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};

// One row of four pixels.
const File kLevels{0, 0, 1, 2, 3};

void AppendWord(File& file, uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    file.push_back(static_cast<uint8_t>(word >> shift));
  }
}

void Append(File& file, const File& bytes) {
  for (const uint8_t byte : bytes) {
    file.push_back(byte);
  }
}

File Chunk(const std::string& name, const File& content) {
  File named(name.begin(), name.end());
  Append(named, content);
  File chunk;
  AppendWord(chunk, static_cast<uint32_t>(content.size()));
  Append(chunk, named);
  AppendWord(chunk, static_cast<uint32_t>(crc32_z(0, named.data(), named.size())));
  return chunk;
}

File Header(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type) {
  File content;
  AppendWord(content, width);
  AppendWord(content, height);
  Append(content, {depth, colour_type, 0, 0, 0});
  return Chunk("IHDR", content);
}

File Deflated(const File& rows) {
  File bytes(rows.size() + 100);
  z_stream zlib{};
  EXPECT_EQ(deflateInit(&zlib, Z_DEFAULT_COMPRESSION), Z_OK);
  zlib.next_in = const_cast<Bytef*>(rows.data());
  zlib.avail_in = static_cast<uInt>(rows.size());
  zlib.next_out = bytes.data();
  zlib.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  bytes.resize(bytes.size() - zlib.avail_out);
  deflateEnd(&zlib);
  return bytes;
}

File Pixels(const File& rows) { return Chunk("IDAT", Deflated(rows)); }

File PngOf(const std::vector<File>& chunks) {
  File file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  for (const File& chunk : chunks) {
    Append(file, chunk);
  }
  return file;
}

File RgbOf(const File& stream) {
  return PngOf({Header(2, 2, 8, 2), Chunk("IDAT", stream), Chunk("IEND", {})});
}

File First(File file, size_t length) {
  file.resize(length);
  return file;
}

File WithDamage(File file, size_t at) {
  file[at] ^= 1;
  return file;
}

File Read(const File& file, int width, int height) {
  File out;
  lavis4j_image_message message;
  EXPECT_EQ(LoadRgb8(file, Whole(width, height), out, message), LAVIS4J_IMAGE_OK) << message.text;
  return out;
}

void ExpectRefused(const File& file, const std::string& reason) {
  File out;
  lavis4j_image_message message;
  EXPECT_EQ(LoadRgb8(file, Whole(1, 1), out, message), LAVIS4J_IMAGE_BROKEN);
  EXPECT_NE(std::string(message.text).find(reason), std::string::npos) << message.text;
}

TEST(Png, PixelsThatFailTheirChecksumAreRefusedEvenWithoutAnEnd) {
  const File stream = Deflated(kRgbRows);
  EXPECT_EQ(Read(RgbOf(stream), 2, 2), kRgbPixels);
  const File damaged = WithDamage(stream, stream.size() - 1);
  ExpectRefused(RgbOf(damaged), "its compressed pixels are damaged: incorrect data check");
  ExpectRefused(PngOf({Header(2, 2, 8, 2), Chunk("IDAT", damaged)}), "incorrect data check");
}

TEST(Png, TheChecksumOfAStreamCountsIfItComesWithTheLastRow) {
  const File stream = Deflated(kRgbRows);
  File sum(stream.end() - 4, stream.end());
  sum[0] ^= 1;
  const File file = PngOf(
      {Header(2, 2, 8, 2), Chunk("IDAT", First(stream, stream.size() - 4)), Chunk("IDAT", sum)});
  EXPECT_EQ(Read(file, 2, 2), kRgbPixels);
}

TEST(Png, WhatFollowsThePixelsMayEndBetweenTwoChunksOnly) {
  const File file =
      PngOf({Header(2, 2, 8, 2), Pixels(kRgbRows), Chunk("tIME", File(7)), Chunk("IEND", {})});
  const size_t time = file.size() - 12 - 19;
  for (size_t length = time; length < file.size(); length++) {
    if (length >= time + 8 && length < time + 15) {
      ExpectRefused(First(file, length), "it is cut off after " + std::to_string(length));
    } else {
      EXPECT_EQ(Read(First(file, length), 2, 2), kRgbPixels) << length;
    }
  }
}

TEST(Png, AnIndexBeyondThePaletteIsBlack) {
  const File entries{10, 20, 30, 40, 50, 60, 70};
  for (size_t size = 0; size <= entries.size(); size++) {
    File expected = First(entries, size / 3 * 3);
    expected.resize(12);
    const File file =
        PngOf({Header(4, 1, 8, 3), Chunk("PLTE", First(entries, size)), Pixels(kLevels)});
    EXPECT_EQ(Read(file, 4, 1), expected) << size;
  }
}

TEST(Png, APaletteMayBeAbsentButNotTooLarge) {
  EXPECT_EQ(Read(PngOf({Header(4, 1, 8, 3), Pixels(kLevels)}), 4, 1), File(12));
  const auto with = [](size_t size) {
    return PngOf({Header(4, 1, 8, 3), Chunk("PLTE", File(size)), Pixels(kLevels)});
  };
  EXPECT_EQ(Read(with(770), 4, 1), File(12));
  ExpectRefused(with(771), "its palette has 257 entries, expected at most 256");
}

TEST(Png, ChunksThatNobodyKnowsArePassedOverIfTheirChecksumsAreRight) {
  const File unknown = Chunk("CRIT", {1, 2});
  const File wrong = WithDamage(unknown, 8);
  const File header = Header(2, 2, 8, 2);
  const File pixels = Pixels(kRgbRows);
  EXPECT_EQ(Read(PngOf({header, unknown, pixels, unknown, wrong}), 2, 2), kRgbPixels);
  ExpectRefused(PngOf({header, wrong, pixels}), "its chunk CRIT at byte 33 has a wrong checksum");
  ExpectRefused(PngOf({header, Chunk("a.c2", {}), pixels}), "there is no chunk at its byte 33");
}

TEST(Png, AKnownChunkThatIsTooShortIsRefused) {
  const File header = Header(2, 2, 8, 2);
  for (const auto& [name, least] :
       {std::pair{"gAMA", 4u}, {"cHRM", 32u}, {"sRGB", 1u}, {"pHYs", 9u}, {"tRNS", 6u}}) {
    const File little = Chunk(name, File(least - 1));
    const std::string reason = std::to_string(least - 1) + " bytes, expected at least ";
    ExpectRefused(PngOf({header, little, Pixels(kRgbRows)}), reason);
    ExpectRefused(PngOf({header, Pixels(kRgbRows), little}), reason);
  }
}

TEST(Png, AStreamThatEndsAfterARowLeavesTheOthersZero) {
  File expected = First(kRgbPixels, 6);
  expected.resize(12);
  EXPECT_EQ(Read(RgbOf(Deflated(First(kRgbRows, 7))), 2, 2), expected);
  ExpectRefused(RgbOf(Deflated(First(kRgbRows, 10))), "IEND at byte");
  ExpectRefused(RgbOf(Deflated({})), "IEND at byte");

  const File file = PngOf({Header(4, 2, 8, 3), Chunk("PLTE", {7, 8, 9}), Pixels(kLevels)});
  EXPECT_EQ(Read(file, 4, 2), (File{7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                    7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9}));
}

TEST(Png, AnUnknownFilterIsRefused) {
  File rows = kRgbRows;
  rows[7] = 5;
  ExpectRefused(RgbOf(Deflated(rows)), "the unknown filter 5, expected 0 to 4");
}

TEST(Png, TheFirstFrameOfAnAnimationLiesOnZero) {
  File frame;
  for (const uint32_t word : {0u, 2u, 1u, 1u, 1u}) {
    AppendWord(frame, word);
  }
  frame.resize(26);
  const File pixels = Pixels(First(kRgbRows, 7));
  File expected(18);
  std::copy(kRgbPixels.begin(), kRgbPixels.begin() + 6, expected.begin() + 12);
  EXPECT_EQ(Read(PngOf({Header(3, 2, 8, 2), Chunk("fcTL", frame), pixels}), 3, 2), expected);
  ExpectRefused(PngOf({Header(2, 2, 8, 2), Chunk("fcTL", frame), pixels}),
                "its frame of 2 x 1 pixels at (1, 1) is outside of its 2 x 2 pixels");
}

}  // namespace
}  // namespace lavis4j
