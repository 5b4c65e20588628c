// The operations of RandAugment, on an image that is cropped and resized already.
#ifndef LAVIS4J_SRC_AUGMENT_H_
#define LAVIS4J_SRC_AUGMENT_H_

#include <cstdint>

#include "buffer.h"
#include "lavis4j/image.h"

namespace lavis4j {

// Holds one image, (height, width, 3), and changes it as Augmentation of the Java package does.
class Augment {
 public:
  // Makes room for another image. False where there is no memory.
  bool Begin(int width, int height);

  // False where there is no memory.
  bool Apply(const lavis4j_image_augmentation& augmentation);

  uint8_t* pixels() { return pixels_; }

 private:
  using LevelTable = uint8_t[256];
  using Frequencies = int32_t[256];

  // False where nothing is to be done.
  static bool AutoContrast(const Frequencies& frequencies, LevelTable& table);
  static bool Equalize(const Frequencies& frequencies, LevelTable& table);

  void MapLevels(bool (*make)(const Frequencies&, LevelTable&));
  bool Warp(const double (&matrix)[6]);
  void WarpRow(int64_t row_x, int64_t row_y, uint8_t* out) const;

  int width_ = 0;
  int height_ = 0;
  uint8_t* pixels_ = nullptr;  // one of the two
  Buffer<uint8_t> first_;
  Buffer<uint8_t> second_;
  Buffer<int32_t> column_x_;  // the part of each column in the coordinates
  Buffer<int32_t> column_y_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_AUGMENT_H_
