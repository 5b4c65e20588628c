// Draws the regions of a sample into the rows of its image.
#ifndef LAVIS4J_SRC_HIGHLIGHT_H_
#define LAVIS4J_SRC_HIGHLIGHT_H_

#include <cstdint>

#include "buffer.h"
#include "lavis4j/image.h"

namespace lavis4j {

// Draws row by row what RegionHighlight of the Java package draws.
//
// Into an image that is reduced it draws the mean of what the whole image would have: a pixel
// that lies only partly in a region, or in its frame, takes the colour in that proportion.
class Highlight {
 public:
  // For a file of this size, whose image is reduced by a power of two. False where there is no
  // memory.
  bool Begin(const lavis4j_image_regions& regions, int width, int height, int reduction);

  // row: pixels first, first + 1, ..., first + count - 1 of row y. False where there is no memory.
  bool Draw(uint8_t* row, int y, int first, int count);

 private:
  // Both corners included.
  struct Corners {
    int64_t x0;
    int64_t y0;
    int64_t x1;
    int64_t y1;
  };

  struct Row {
    const uint8_t* before;
    uint8_t* drawn;
    int64_t first;
    int64_t count;
  };

  void DrawBox(const Corners& box, int64_t y, const Row& row) const;
  void DrawReducedBox(const Corners& box, int64_t y, const Row& row) const;
  void Fill(const Corners& box, const Row& row) const;

  int64_t reduction_ = 1;
  int32_t mode_ = LAVIS4J_REGIONS_NONE;
  int32_t num_boxes_ = 0;
  Buffer<Corners> boxes_;
  Buffer<uint8_t> before_;
  uint8_t veil_[3][256];
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_HIGHLIGHT_H_
