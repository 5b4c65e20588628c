// Image files made by the libraries that read them.
#ifndef LAVIS4J_TEST_FILES_H_
#define LAVIS4J_TEST_FILES_H_

#include <cstdint>
#include <random>
#include <vector>

#include "lavis4j/image.h"

namespace lavis4j {

using File = std::vector<uint8_t>;

// (height, width, 3)
struct Rgb {
  int width;
  int height;
  std::vector<uint8_t> pixels;

  const uint8_t* at(int x, int y) const {
    return pixels.data() +
           3 * (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x));
  }
};

// Waves with noise.
Rgb RandomImage(int width, int height, uint32_t seed);

// Of Y, where chroma has 1 and 1; restarts in rows of blocks, 0 for none.
struct JpegKind {
  int horizontal = 2;
  int vertical = 2;
  bool progressive = false;
  int restarts = 0;
};

File Jpeg(const Rgb& image, const JpegKind& kind);

File Png(const Rgb& image, bool interlaced);

// With a compressed text of so many letters before the pixels.
File PngWithText(const Rgb& image, size_t letters);

// A PNG file with the rows of an image, whose header claims fewer.
File PngOfLessHeight(const Rgb& image, int height);

// Lossless, or lossy of a low quality.
File Webp(const Rgb& image, bool lossless);

// The start of a JPEG file that claims this size.
File JpegHeader(int width, int height);

// Tiny files with the data of a few pixels that claim this size.
File PngOfClaim(int width, int height, bool interlaced);
File JpegOfClaim(int width, int height, bool progressive);

// A progressive JPEG file in which one of the scans comes so many times.
File JpegOfScans(const Rgb& image, int scans);

// The whole image as it is, by the functions under test.
lavis4j_image_plan Whole(int width, int height);

// A plan without regions, carried out. out is resized.
lavis4j_image_status LoadRgb8(const File& file, const lavis4j_image_plan& plan,
                              std::vector<uint8_t>& out, lavis4j_image_message& message);

}  // namespace lavis4j

#endif  // LAVIS4J_TEST_FILES_H_
