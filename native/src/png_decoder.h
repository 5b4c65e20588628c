// PNG by libpng.
#ifndef LAVIS4J_SRC_PNG_DECODER_H_
#define LAVIS4J_SRC_PNG_DECODER_H_

#include <png.h>

#include <csetjmp>

#include "buffer.h"
#include "decoder.h"

namespace lavis4j {

// Palettes are looked up, alpha is dropped, and of 16-bit samples the high byte counts, except that
// grey ones are cut off at 255, as Pillow does.
class PngDecoder final : public Decoder {
 public:
  PngDecoder() = default;
  ~PngDecoder() override;

  static bool Recognises(const Bytes& file);

  lavis4j_image_status Open(const Bytes& file) override;
  lavis4j_image_status Select(const lavis4j_image_box& part) override;
  lavis4j_image_status Read(uint8_t* rows, size_t stride, int count) override;
  lavis4j_image_status Finish() override;

 private:
  static void OnError(png_structp png, png_const_charp text);
  static void OnWarning(png_structp png, png_const_charp text);
  static void OnRead(png_structp png, png_bytep to, size_t count);
  static void OnRow(png_structp png, png_row_infop info, png_bytep row);

  int64_t RowsToUnpack() const;
  lavis4j_image_status AfterJump() const;
  void ReadRow();
  lavis4j_image_status ReadLine();
  lavis4j_image_status ReadInterlaced();

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_;
  Bytes rest_{};
  size_t size_ = 0;  // of the file
  bool wide_grey_ = false;
  bool interlaced_ = false;
  int64_t rows_left_ = 0;  // to be unpacked by libpng, in all passes
  int next_ = 0;           // row of the image
  size_t line_size_ = 0;
  lavis4j_image_box part_{};
  Buffer<uint8_t> line_;         // one decoded row
  Buffer<uint8_t> image_;        // all of an interlaced image
  Buffer<uint8_t*> image_rows_;  // its rows
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PNG_DECODER_H_
