// WebP by libwebp.
#ifndef LAVIS4J_SRC_WEBP_DECODER_H_
#define LAVIS4J_SRC_WEBP_DECODER_H_

#include "buffer.h"
#include "decoder.h"
#include "webp_chunks.h"

namespace lavis4j {

// Lossy and lossless; alpha is dropped. Of an animation the first frame counts, on black, as in
// Pillow.
class WebpDecoder final : public Decoder {
 public:
  WebpDecoder() = default;

  static bool Recognises(const Bytes& file);

  lavis4j_image_status Open(const Bytes& file) override;
  lavis4j_image_status Select(const lavis4j_image_box& part) override;
  lavis4j_image_status Read(uint8_t* rows, size_t stride, int count) override;
  lavis4j_image_status Finish() override;

 private:
  lavis4j_image_status Damaged();

  static constexpr size_t kHeader = 12;  // RIFF, a length and WEBP

  WebpChunks chunks_;
  lavis4j_image_box part_{};
  int next_ = 0;           // row of the image
  Buffer<uint8_t> image_;  // (height, width, 3)
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_WEBP_DECODER_H_
