// Files that are cut off, damaged, or lie about themselves: an error or an image, and nothing
// worse.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "files.h"
#include "lavis4j/image.h"

namespace lavis4j {
namespace {

std::vector<File> Files(int width, int height) {
  const Rgb image = RandomImage(width, height, 1);
  return {Jpeg(image, {2, 2, false, 0}),
          Jpeg(image, {2, 1, true, 0}),
          Jpeg(image, {1, 1, false, 1}),
          Png(image, false),
          Png(image, true),
          Webp(image, true),
          Webp(image, false)};
}

// Of exactly the file's size, so that AddressSanitizer sees what is read after its end.
lavis4j_image_status Load(const File& file, const lavis4j_image_plan& plan, std::string& text) {
  const File exact(file.begin(), file.end());
  std::vector<uint8_t> out;
  lavis4j_image_message message;
  const lavis4j_image_status status = LoadRgb8(exact, plan, out, message);
  text = message.text;
  return status;
}

// The whole, a part at the top and one at the bottom.
std::vector<lavis4j_image_plan> Plans(int width, int height) {
  const int half = height / 2;
  return {Whole(width, height),
          {{width / 3, 0, width / 2, half}, 8, 8, {0, 0, 8, 8}, 0, 0, nullptr, 0},
          {{0, half, width, height - half}, 20, 5, {3, 1, 9, 4}, 1, 0, nullptr, 0}};
}

TEST(Robustness, AFileThatLacksPixelsIsBroken) {
  for (const File& file : Files(24, 18)) {
    const size_t after_pixels = file[0] == 0x89 ? 12 + 4 + 4 + 2 : 0;
    for (const lavis4j_image_plan& plan : Plans(24, 18)) {
      const size_t shortest = file[0] == 'R' ? 12 : 8;
      for (size_t length = shortest; length + after_pixels < file.size(); length++) {
        std::string text;
        ASSERT_EQ(
            Load(File(file.begin(), file.begin() + static_cast<ptrdiff_t>(length)), plan, text),
            LAVIS4J_IMAGE_BROKEN)
            << length << " of " << file.size();
        ASSERT_EQ(text, "it is cut off after " + std::to_string(length) + " bytes");
      }
      std::string text;
      ASSERT_EQ(Load(file, plan, text), LAVIS4J_IMAGE_OK);
      ASSERT_EQ(text, "");
    }
  }
}

TEST(Robustness, DamagedBytesGiveAnImageOrAMessage) {
  std::mt19937 random(6);
  int broken = 0;
  for (const File& file : Files(70, 50)) {
    for (int i = 0; i < 400; i++) {
      File damaged = file;
      for (int k = 0; k < 1 + i % 5; k++) {
        const size_t end = i % 2 == 0 ? damaged.size() : std::min<size_t>(damaged.size(), 700);
        damaged[2 + random() % (end - 2)] = static_cast<uint8_t>(random());
      }
      std::string text;
      const lavis4j_image_status status =
          Load(damaged, Plans(70, 50)[static_cast<size_t>(i) % 3], text);
      // a size that was damaged puts the crop outside
      ASSERT_TRUE(status == LAVIS4J_IMAGE_OK || status == LAVIS4J_IMAGE_BROKEN ||
                  status == LAVIS4J_IMAGE_UNKNOWN || status == LAVIS4J_IMAGE_BAD_ARGUMENT)
          << status;
      ASSERT_EQ(status == LAVIS4J_IMAGE_BROKEN, !text.empty());
      broken += status == LAVIS4J_IMAGE_BROKEN;
    }
  }
  EXPECT_GT(broken, 100);
}

TEST(Robustness, GarbageIsNotAnImage) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; i++) {
    File file(random() % 400);
    for (uint8_t& byte : file) {
      byte = static_cast<uint8_t>(random());
    }
    const bool jpeg = i % 3 == 0 && file.size() >= 3;
    if (jpeg) {
      file[0] = 0xff;
      file[1] = 0xd8;
    } else if (i % 3 == 1 && file.size() >= 8) {
      const File png = Png(RandomImage(1, 1, 0), false);
      std::copy(png.begin(), png.begin() + 8, file.begin());
    }
    std::string text;
    file.reserve(1);  // so that its data is not null
    EXPECT_NE(Load(file, Whole(1, 1), text), LAVIS4J_IMAGE_OK);
  }
}

TEST(Robustness, ASizeIsCheckedBeforeAnythingIsAllocated) {
  std::string text;
  EXPECT_EQ(Load(JpegHeader(65000, 65000), Whole(1, 1), text), LAVIS4J_IMAGE_BROKEN);
  EXPECT_EQ(text, "it claims 65000 x 65000 pixels, expected 1 to 178956970");
  EXPECT_EQ(Load(JpegHeader(65535, 1), Whole(1, 1), text), LAVIS4J_IMAGE_BROKEN);
  EXPECT_EQ(Load(JpegHeader(0, 10), Whole(1, 1), text), LAVIS4J_IMAGE_BROKEN);
  EXPECT_EQ(Load(JpegHeader(100, 100), Whole(1, 1), text), LAVIS4J_IMAGE_BROKEN);
}

}  // namespace
}  // namespace lavis4j
