// PNG.
#ifndef LAVIS4J_SRC_PNG_DECODER_H_
#define LAVIS4J_SRC_PNG_DECODER_H_

#include "buffer.h"
#include "decoder.h"
#include "png_chunks.h"
#include "png_rows.h"

namespace lavis4j {

// Palettes are looked up, alpha is dropped, and of 16-bit samples the high byte counts, except that
// grey ones are cut off at 255, as Pillow does. Pixels without data are zero before they are looked
// up, and those of no entry of their palette are black.
class PngDecoder final : public Decoder {
 public:
  PngDecoder() = default;

  static bool Recognises(const Bytes& file);

  lavis4j_image_status Open(const Bytes& file) override;
  lavis4j_image_status Select(const lavis4j_image_box& part) override;
  lavis4j_image_status Read(uint8_t* rows, size_t stride, int count) override;
  lavis4j_image_status Finish() override;

 private:
  size_t BytesOf(int columns) const;
  void Convert(const uint8_t* row, int from, int count, uint8_t* rgb) const;
  void ConvertLevels(const uint8_t* row, int from, int count, uint8_t* rgb) const;
  lavis4j_image_status ReadLine(uint8_t* rgb);
  lavis4j_image_status ReadInterlaced();
  void Clear(size_t count, uint8_t* rgb) const;

  PngChunks chunks_;
  PngRows rows_;
  int bits_ = 0;  // of a pixel
  uint8_t palette_[3 * 256] = {};
  int next_ = 0;  // row of the image
  lavis4j_image_box part_{};
  Buffer<uint8_t> line_;   // one row of RGB
  Buffer<uint8_t> image_;  // all of an interlaced image
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PNG_DECODER_H_
