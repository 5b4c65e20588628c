// JPEG by libjpeg-turbo.
#ifndef LAVIS4J_SRC_JPEG_DECODER_H_
#define LAVIS4J_SRC_JPEG_DECODER_H_

#include <csetjmp>
#include <cstddef>
#include <cstdio>

// jpeglib.h wants size_t and FILE declared.
#include <jpeglib.h>

#include "buffer.h"
#include "decoder.h"

namespace lavis4j {

// Exact decoding: accurate inverse transform, smooth chroma. Four components are taken as Adobe's
// inverted ones, as Pillow does. A reduced image comes from inverse transforms of fewer
// coefficients, which skip most of the work.
class JpegDecoder final : public Decoder {
 public:
  JpegDecoder() = default;
  ~JpegDecoder() override;

  static bool Recognises(const Bytes& file);

  lavis4j_image_status Open(const Bytes& file) override;
  int Reduce(int limit) override;
  lavis4j_image_status Select(const lavis4j_image_box& part) override;
  lavis4j_image_status Read(uint8_t* rows, size_t stride, int count) override;
  lavis4j_image_status Finish() override;

 private:
  static void OnError(j_common_ptr common);
  static void OnMessage(j_common_ptr common, int level);
  static boolean OnEndOfBytes(j_decompress_ptr decompressor);
  static void OnSkip(j_decompress_ptr decompressor, long count);
  static void OnProgress(j_common_ptr common);

  bool LacksData() const;
  void Start();
  void SelectColumns(const lavis4j_image_box& part);
  bool EndsAfterScan() const;
  lavis4j_image_status EndAfterRows();

  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_;
  bool created_ = false;
  bool no_memory_ = false;
  bool has_rows_ = false;  // all of them are decoded
  size_t size_ = 0;        // of the file
  size_t margin_ = 0;      // columns that are decoded to the left of the part
  size_t columns_ = 0;     // of the part
  Buffer<uint8_t> line_;   // one decoded row
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_JPEG_DECODER_H_
