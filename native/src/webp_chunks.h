// The chunks of a WebP file.
#ifndef LAVIS4J_SRC_WEBP_CHUNKS_H_
#define LAVIS4J_SRC_WEBP_CHUNKS_H_

#include <cstddef>
#include <cstdint>

#include "decoder.h"

namespace lavis4j {

// Finds the image, of an animation the first frame, and takes or refuses the chunks around it as
// libwebp's demultiplexer and so Pillow does: all that the file says it has must be there, all
// frames must lie on the canvas, and an image without an animation must cover it.
class WebpChunks {
 public:
  // Whether a file, of at least 12 bytes, is shorter than it says.
  static bool IsCutOff(const Bytes& file);

  // Goes through a file that is not cut off. False if it is damaged.
  bool Open(const Bytes& file);

  int64_t width() const { return width_; }
  int64_t height() const { return height_; }

  // Of the image or first frame: its place on the canvas, and its chunks, which libwebp decodes.
  const lavis4j_image_box& frame() const { return frame_; }
  const Bytes& content() const { return content_; }

 private:
  bool ReadExtended();
  bool ReadChunks();
  bool ReadFrame();
  bool ReadImage();
  bool ReadStill();
  bool AddImage(int64_t left, int64_t top);
  bool ReadHeader();
  bool Is(const char* name) const;
  size_t left() const { return file_.size - at_; }

  Bytes file_{};
  size_t at_ = 0;       // of the next byte
  size_t start_ = 0;    // of the current chunk
  size_t claimed_ = 0;  // length of its content
  size_t length_ = 0;   // the same with the byte that makes it even
  bool extended_ = false;
  uint8_t features_ = 0;
  bool has_animation_ = false;  // whether the chunk ANIM was there

  int64_t width_ = 0;
  int64_t height_ = 0;
  int num_images_ = 0;
  lavis4j_image_box frame_{};
  Bytes content_{};

  // Of the image that was read last; empty if there was none.
  Bytes alpha_{};
  Bytes image_{};
  int image_width_ = 0;
  int image_height_ = 0;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_WEBP_CHUNKS_H_
