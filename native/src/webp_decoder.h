// WebP by libwebp.
#ifndef LAVIS4J_SRC_WEBP_DECODER_H_
#define LAVIS4J_SRC_WEBP_DECODER_H_

#include "buffer.h"
#include "decoder.h"

namespace lavis4j {

// Lossy and lossless; alpha is dropped. Of an animation the first frame counts, on black, as in
// Pillow.
class WebpDecoder final : public Decoder {
 public:
  WebpDecoder() = default;

  static bool Recognises(const Bytes& file);

  lavis4j_picture_status Open(const Bytes& file) override;
  lavis4j_picture_status Select(const lavis4j_picture_box& part) override;
  lavis4j_picture_status Read(uint8_t* rows, size_t stride, int count) override;
  lavis4j_picture_status Finish() override;

 private:
  lavis4j_picture_status Damaged();
  lavis4j_picture_status OpenAnimation();

  Bytes content_{};              // what libwebp gets: the file or the first frame of an animation
  lavis4j_picture_box frame_{};  // its place in the picture
  lavis4j_picture_box part_{};
  int next_ = 0;             // row of the picture
  Buffer<uint8_t> picture_;  // (height, width, 3)
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_WEBP_DECODER_H_
