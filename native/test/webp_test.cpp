#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "files.h"
#include "webp_decoder.h"

namespace lavis4j {
namespace {

void Append(File& file, uint32_t number, int bytes) {
  for (int i = 0; i < bytes; i++) {
    file.push_back(static_cast<uint8_t>(number >> (8 * i)));
  }
}

void Append(File& file, const std::string& name, const File& content) {
  file.insert(file.end(), name.begin(), name.end());
  Append(file, static_cast<uint32_t>(content.size()), 4);
  file.insert(file.end(), content.begin(), content.end());
  file.resize(file.size() + content.size() % 2);
}

// Its only frame is an image at (left, top).
File Animation(uint32_t width, uint32_t height, uint32_t left, uint32_t top, const Rgb& image) {
  File extended{0x02, 0, 0, 0};
  Append(extended, width - 1, 3);
  Append(extended, height - 1, 3);
  File frame;
  Append(frame, left / 2, 3);
  Append(frame, top / 2, 3);
  Append(frame, static_cast<uint32_t>(image.width) - 1, 3);
  Append(frame, static_cast<uint32_t>(image.height) - 1, 3);
  Append(frame, 100, 4);  // its duration, and no flags
  const File still = Webp(image, true);
  frame.insert(frame.end(), still.begin() + 12, still.end());
  File body{'W', 'E', 'B', 'P'};
  Append(body, "VP8X", extended);
  Append(body, "ANIM", File(6, 77));
  Append(body, "ANMF", frame);
  File file;
  Append(file, "RIFF", body);
  return file;
}

lavis4j_image_status Load(const File& file, int width, int height, std::vector<uint8_t>& out,
                          std::string& text) {
  lavis4j_image_message message;
  const auto status = LoadRgb8(file, Whole(width, height), out, message);
  text = message.text;
  return status;
}

TEST(Webp, TheFirstFrameOfAnAnimationLiesOnBlack) {
  const Rgb image = RandomImage(15, 9, 1);
  std::vector<uint8_t> out;
  std::string text;
  ASSERT_EQ(Load(Animation(31, 20, 16, 10, image), 31, 20, out, text), LAVIS4J_IMAGE_OK);
  for (int y = 0; y < 20; y++) {
    for (int x = 0; x < 31; x++) {
      const bool inside = x >= 16 && y >= 10 && y < 19;
      for (int c = 0; c < 3; c++) {
        EXPECT_EQ(out[static_cast<size_t>(3 * (31 * y + x) + c)],
                  inside ? image.at(x - 16, y - 10)[c] : 0)
            << x << ", " << y;
      }
    }
  }
}

TEST(Webp, AFrameOutsideOfItsCanvasIsRefused) {
  const Rgb image = RandomImage(15, 9, 2);
  std::vector<uint8_t> out;
  std::string text;
  for (const auto& [left, top] : {std::pair{18u, 0u}, {0u, 12u}, {0x1fffffeu, 0u}}) {
    EXPECT_EQ(Load(Animation(31, 20, left, top, image), 31, 20, out, text), LAVIS4J_IMAGE_BROKEN);
    EXPECT_EQ(text, "its WebP data are damaged");
  }
}

TEST(Webp, AFileThatIsCutOffIsBroken) {
  const Rgb image = RandomImage(15, 9, 3);
  for (const File& file : {Webp(image, true), Webp(image, false), Animation(15, 9, 0, 0, image)}) {
    std::vector<uint8_t> out;
    std::string text;
    for (size_t length = 12; length < file.size(); length++) {
      const File part(file.begin(), file.begin() + static_cast<ptrdiff_t>(length));
      ASSERT_EQ(Load(part, 15, 9, out, text), LAVIS4J_IMAGE_BROKEN) << length;
      EXPECT_EQ(text, "it is cut off after " + std::to_string(length) + " bytes");
    }
    File more = file;
    more.resize(file.size() + 9);
    EXPECT_EQ(Load(more, 15, 9, out, text), LAVIS4J_IMAGE_OK);
  }
}

// A still image with the chunk that says what else there is.
File Extended(uint8_t features, uint32_t size, uint32_t width, const Rgb& image, uint32_t more) {
  File extended{features, 0, 0, 0};
  Append(extended, width - 1, 3);
  Append(extended, static_cast<uint32_t>(image.height) - 1, 3);
  extended.resize(size);
  const File still = Webp(image, true);
  File body{'W', 'E', 'B', 'P'};
  Append(body, "VP8X", extended);
  for (uint32_t i = 0; i <= more; i++) {
    body.insert(body.end(), still.begin() + 12, still.end());
  }
  File file;
  Append(file, "RIFF", body);
  return file;
}

TEST(Webp, ChunksThatContradictOneAnotherAreRefused) {
  const Rgb image = RandomImage(15, 9, 5);
  std::vector<uint8_t> out;
  std::string text;
  EXPECT_EQ(Load(Extended(0, 10, 15, image, 0), 15, 9, out, text), LAVIS4J_IMAGE_OK);
  const auto expect_refused = [&](const File& file) {
    EXPECT_EQ(Load(file, 15, 9, out, text), LAVIS4J_IMAGE_BROKEN);
    EXPECT_EQ(text, "its WebP data are damaged");
  };
  expect_refused(Extended(0x01, 10, 15, image, 0));  // an unknown feature
  expect_refused(Extended(0x02, 10, 15, image, 0));  // an animation without frames
  expect_refused(Extended(0, 9, 15, image, 0));
  expect_refused(Extended(0, 12, 15, image, 0));
  expect_refused(Extended(0, 10, 16, image, 0));  // another size
  expect_refused(Extended(0, 10, 15, image, 1));  // two images
}

TEST(Webp, OtherRiffFilesAreNotImages) {
  File file = Webp(RandomImage(4, 4, 4), true);
  file[8] = 'A';
  std::vector<uint8_t> out;
  std::string text;
  EXPECT_EQ(Load(file, 4, 4, out, text), LAVIS4J_IMAGE_UNKNOWN);
}

}  // namespace
}  // namespace lavis4j
