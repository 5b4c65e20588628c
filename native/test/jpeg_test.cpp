// Damaged and odd JPEG files: what Pillow makes of them. Java's twin is JpegSegmentsTest.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "files.h"

namespace lavis4j {
namespace {

constexpr int kWidth = 19;
constexpr int kHeight = 13;

File Small() { return Jpeg(RandomImage(kWidth, kHeight, 1), {1, 1, false, 0}); }

// With bytes after the first two.
File With(const File& segment) {
  File file = Small();
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  return file;
}

File Segment(uint8_t marker, uint8_t length, const std::string& content) {
  File segment{0xff, marker, 0, length};
  for (const char c : content) {
    segment.push_back(static_cast<uint8_t>(c));
  }
  return segment;
}

lavis4j_image_status Load(const File& file, File& out, std::string& text) {
  lavis4j_image_message message;
  const lavis4j_image_status status = LoadRgb8(file, Whole(kWidth, kHeight), out, message);
  text = message.text;
  return status;
}

void ExpectRead(const File& file) {
  File out;
  File expected;
  std::string text;
  EXPECT_EQ(Load(file, out, text), LAVIS4J_IMAGE_OK) << text;
  EXPECT_EQ(Load(Small(), expected, text), LAVIS4J_IMAGE_OK);
  EXPECT_EQ(out, expected);
}

void ExpectRefused(const File& file, const std::string& reason) {
  File out;
  std::string text;
  EXPECT_EQ(Load(file, out, text), LAVIS4J_IMAGE_BROKEN);
  EXPECT_NE(text.find(reason), std::string::npos) << text;
}

TEST(Jpeg, AnApplicationsSegmentMayBeShorterThanItsLength) {
  for (const uint8_t length : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
    ExpectRead(With(Segment(0xe5, length, "")));
    ExpectRead(With(Segment(0xfe, length, "rest")));
  }
}

TEST(Jpeg, ASegmentThatIsTooShortForWhatItBeginsIsRefused) {
  for (const auto& [marker, content] : {std::pair{uint8_t{0xe0}, std::string("JFIF")},
                                        {0xee, std::string("Adobe\0", 6)},
                                        {0xed, std::string("Photoshop 3.0\0008BIM\0\0", 20)},
                                        {0xdb, std::string("\0table", 6)}}) {
    ExpectRefused(With(Segment(marker, static_cast<uint8_t>(content.size() + 2), content)),
                  "at byte 2 is too short");
  }
}

TEST(Jpeg, AMarkerThatDoesNotBelongBeforePixelsIsRefused) {
  for (const uint8_t marker : File{0x01, 0x8f, 0xc8, 0xd8, 0xd9, 0xde, 0xf0}) {
    ExpectRefused(With({0xff, marker}), "");
  }
}

TEST(Jpeg, GarbageAndRestartsBetweenSegmentsArePassedOver) {
  ExpectRead(With({0xff, 0xff, 0xd3, 7, 0xff, 0, 9}));
  ExpectRefused(With({9}), "no segment follows its first two bytes");
}

TEST(Jpeg, OtherSamplesAndComponentsAreRefused) {
  File file = Small();
  size_t frame = 2;
  while (file[frame + 1] != 0xc0) {
    frame += 2 + (size_t{file[frame + 2]} << 8 | file[frame + 3]);
  }
  file[frame + 4] = 12;
  ExpectRefused(file, "its samples have 12 bits, expected 8");
  file[frame + 4] = 8;
  file[frame + 9] = 2;
  ExpectRefused(file, "its pixels have 2 components, expected 1, 3 or 4");
}

TEST(Jpeg, ThePixelsOfASingleScanEndAtAnyMarker) {
  File file = Small();
  for (const uint8_t marker : File{0xd1, 0xdb, 0xe0, 0xfe}) {
    file.back() = marker;
    ExpectRead(file);
  }
  for (const uint8_t marker : File{0xc0, 0xd8, 0x05}) {
    file.back() = marker;
    ExpectRefused(file, "");
  }
  file.pop_back();
  ExpectRefused(file, "it is cut off");
}

}  // namespace
}  // namespace lavis4j
