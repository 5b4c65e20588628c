// The rows of a PNG image.
#ifndef LAVIS4J_SRC_PNG_ROWS_H_
#define LAVIS4J_SRC_PNG_ROWS_H_

#include <zlib.h>

#include <cstddef>
#include <cstdint>

#include "buffer.h"
#include "png_chunks.h"

namespace lavis4j {

// Takes rows out of the compressed stream as Pillow does. A row must be whole before zlib has taken
// the last byte. A stream may end after any row; the others are then zero.
class PngRows {
 public:
  PngRows() = default;
  PngRows(const PngRows&) = delete;
  PngRows& operator=(const PngRows&) = delete;
  ~PngRows();

  // largest: bytes of a row. Chunks and message, of LAVIS4J_IMAGE_MESSAGE_SIZE, must stay.
  lavis4j_image_status Begin(PngChunks* chunks, size_t largest, int bits_per_pixel, char* message);

  // Forgets the row before, which the filters of the next one refer to.
  void BeginPass();

  // Reads the next row, of size bytes.
  lavis4j_image_status Next(size_t size);

  // The row that was read last; null after the stream's end.
  const uint8_t* row() const { return ended_ ? nullptr : row_.data() + 1; }

 private:
  lavis4j_image_status Fill(size_t size);
  lavis4j_image_status Damaged(const char* why);

  PngChunks* chunks_ = nullptr;
  char* message_ = nullptr;
  z_stream zlib_{};
  bool begun_ = false;
  bool ends_ = false;   // the row that was read last is the last one
  bool ended_ = false;  // there is none any more
  size_t pixel_ = 1;    // bytes from a sample to that of the pixel before
  Buffer<uint8_t> row_;
  Buffer<uint8_t> before_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PNG_ROWS_H_
