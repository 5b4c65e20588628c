#include "jpeg_decoder.h"

#include <jerror.h>

#include <algorithm>
#include <cstring>

#include "jpeg_segments.h"

namespace lavis4j {
namespace {

constexpr uint8_t kMarker = 0xff;
constexpr uint8_t kStuffing = 0x00;
constexpr uint8_t kFirstRestart = 0xd0;
constexpr uint8_t kLastRestart = 0xd7;
constexpr uint8_t kEndOfImage = 0xd9;

// Each goes over the whole image. Encoders make about ten.
constexpr int kMaxScans = 500;

void Nothing(j_decompress_ptr /*decompressor*/) {}

// Adobe's inverted CMYK, as Pillow converts it.
void FromInvertedCmyk(const uint8_t* cmyk, size_t count, uint8_t* rgb) {
  for (size_t i = 0; i < count; i++, cmyk += 4, rgb += 3) {
    const int white = cmyk[3];
    for (int c = 0; c < 3; c++) {
      const int product = (255 - cmyk[c]) * white + 128;
      rgb[c] = static_cast<uint8_t>(std::max(white - ((product + (product >> 8)) >> 8), 0));
    }
  }
}

}  // namespace

JpegDecoder::~JpegDecoder() {
  if (created_) {
    jpeg_destroy_decompress(&jpeg_);
  }
}

bool JpegDecoder::Recognises(const Bytes& file) {
  return file.size >= 2 && file.data[0] == kMarker && file.data[1] == 0xd8;
}

void JpegDecoder::OnError(j_common_ptr common) {
  auto* self = static_cast<JpegDecoder*>(common->client_data);
  if (self->message_[0] == 0) {
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    std::snprintf(self->message_, sizeof(self->message_), "%s", text);
  }
  self->no_memory_ = common->err->msg_code == JERR_OUT_OF_MEMORY;
  std::longjmp(self->jump_, 1);
}

// Warnings are about pixels that are wrong but there; Pillow accepts those.
void JpegDecoder::OnMessage(j_common_ptr /*common*/, int /*level*/) {}

boolean JpegDecoder::OnEndOfBytes(j_decompress_ptr decompressor) {
  auto* self = static_cast<JpegDecoder*>(decompressor->client_data);
  if (!self->has_rows_) {
    self->SayCutOff(self->size_);
  }
  std::longjmp(self->jump_, 1);
}

void JpegDecoder::OnSkip(j_decompress_ptr decompressor, long count) {
  if (count <= 0) {
    return;
  }
  const auto size = static_cast<size_t>(count);
  if (size > decompressor->src->bytes_in_buffer) {
    OnEndOfBytes(decompressor);
  }
  decompressor->src->next_input_byte += size;
  decompressor->src->bytes_in_buffer -= size;
}

void JpegDecoder::OnProgress(j_common_ptr common) {
  auto* self = static_cast<JpegDecoder*>(common->client_data);
  if (self->jpeg_.input_scan_number > kMaxScans) {
    std::snprintf(self->message_, sizeof(self->message_), "it has more than %d scans", kMaxScans);
    std::longjmp(self->jump_, 1);
  }
}

// Whether the file is too short for its size: each block of the first component takes a bit at
// least. Of an image in several scans all coefficients are in memory, so this is found out before.
bool JpegDecoder::LacksData() const {
  const auto blocks =
      static_cast<size_t>(width_ / DCTSIZE) * static_cast<size_t>(height_ / DCTSIZE);
  return jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&jpeg_)) && !jpeg_.arith_code &&
         blocks / 8 > size_;
}

lavis4j_image_status JpegDecoder::Open(const Bytes& file) {
  size_ = file.size;
  if (!CheckJpegSegments(file, message_)) {
    return LAVIS4J_IMAGE_BROKEN;
  }
  jpeg_.err = jpeg_std_error(&errors_);
  errors_.error_exit = OnError;
  errors_.emit_message = OnMessage;
  jpeg_.client_data = this;
  if (setjmp(jump_) != 0) {
    return no_memory_ ? LAVIS4J_IMAGE_NO_MEMORY : LAVIS4J_IMAGE_BROKEN;
  }
  jpeg_create_decompress(&jpeg_);
  created_ = true;
  source_.next_input_byte = file.data;
  source_.bytes_in_buffer = file.size;
  source_.init_source = Nothing;
  source_.fill_input_buffer = OnEndOfBytes;
  source_.skip_input_data = OnSkip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = Nothing;
  jpeg_.src = &source_;
  progress_.progress_monitor = OnProgress;
  jpeg_.progress = &progress_;
  jpeg_read_header(&jpeg_, TRUE);
  const lavis4j_image_status status = CheckSize(jpeg_.image_width, jpeg_.image_height);
  if (status == LAVIS4J_IMAGE_OK && LacksData()) {
    SayCutOff(size_);
    return LAVIS4J_IMAGE_BROKEN;
  }
  return status;
}

int JpegDecoder::Reduce(int limit) {
  int by = 1;
  while (by < DCTSIZE && 2 * by <= limit) {
    by *= 2;
  }
  jpeg_.scale_num = 1;
  jpeg_.scale_denom = static_cast<unsigned int>(by);
  return by;
}

lavis4j_image_status JpegDecoder::Select(const lavis4j_image_box& part) {
  if (setjmp(jump_) != 0) {
    return no_memory_ ? LAVIS4J_IMAGE_NO_MEMORY : LAVIS4J_IMAGE_BROKEN;
  }
  Start();
  SelectColumns(part);
  if (part.top > 0) {
    jpeg_skip_scanlines(&jpeg_, static_cast<JDIMENSION>(part.top));
  }
  const auto bytes = static_cast<size_t>(jpeg_.output_components) * jpeg_.output_width;
  return line_.Reserve(bytes) ? LAVIS4J_IMAGE_OK : LAVIS4J_IMAGE_NO_MEMORY;
}

void JpegDecoder::Start() {
  jpeg_.out_color_space = jpeg_.num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_.dct_method = JDCT_ISLOW;
  jpeg_.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&jpeg_);
}

// Chroma is smoothed across columns, so the outermost ones of what is decoded differ from the whole
// image's; they are kept outside of the part.
void JpegDecoder::SelectColumns(const lavis4j_image_box& part) {
  const int block = DCTSIZE * jpeg_.max_h_samp_factor;
  const int left = std::max(part.left - block, 0);
  const auto width = static_cast<int>(jpeg_.output_width);
  const int right = std::min(part.left + part.width + block, width);
  auto from = static_cast<JDIMENSION>(left);
  auto count = static_cast<JDIMENSION>(right - left);
  if (right - left < width) {
    jpeg_crop_scanline(&jpeg_, &from, &count);
  }
  margin_ = static_cast<size_t>(part.left) - from;
  columns_ = static_cast<size_t>(part.width);
}

lavis4j_image_status JpegDecoder::Read(uint8_t* rows, size_t stride, int count) {
  if (setjmp(jump_) != 0) {
    return no_memory_ ? LAVIS4J_IMAGE_NO_MEMORY : LAVIS4J_IMAGE_BROKEN;
  }
  for (int i = 0; i < count; i++) {
    uint8_t* row = rows + static_cast<size_t>(i) * stride;
    const bool in_place = jpeg_.output_components == 3 && jpeg_.output_width == columns_;
    JSAMPROW line = in_place ? row : line_.data();
    jpeg_read_scanlines(&jpeg_, &line, 1);
    if (in_place) {
      continue;
    }
    if (jpeg_.output_components == 4) {
      FromInvertedCmyk(line + 4 * margin_, columns_, row);
    } else {
      std::memcpy(row, line + 3 * margin_, 3 * columns_);
    }
  }
  return LAVIS4J_IMAGE_OK;
}

// When all rows are there, only errors count, not the lack of what follows them, as in Pillow.
lavis4j_image_status JpegDecoder::Finish() {
  if (setjmp(jump_) != 0) {
    if (has_rows_ && message_[0] == 0) {
      return EndAfterRows();
    }
    return no_memory_ ? LAVIS4J_IMAGE_NO_MEMORY : LAVIS4J_IMAGE_BROKEN;
  }
  if (jpeg_input_complete(&jpeg_) || EndsAfterScan()) {
    jpeg_abort_decompress(&jpeg_);
    return LAVIS4J_IMAGE_OK;
  }
  // Skipping to the very end would end the decoding instead.
  const JDIMENSION rest = jpeg_.output_height - jpeg_.output_scanline;
  if (rest > 1) {
    jpeg_skip_scanlines(&jpeg_, rest - 1);
  }
  if (rest > 0) {
    JSAMPROW line = line_.data();
    jpeg_read_scanlines(&jpeg_, &line, 1);
  }
  has_rows_ = true;
  jpeg_finish_decompress(&jpeg_);
  return LAVIS4J_IMAGE_OK;
}

// libjpeg-turbo refuses a second header by its marker since 3.1, before by its content.
lavis4j_image_status JpegDecoder::EndAfterRows() {
  if (!IsJpegFrame(static_cast<uint8_t>(jpeg_.unread_marker))) {
    return LAVIS4J_IMAGE_OK;
  }
  std::snprintf(message_, sizeof(message_), "its pixels are followed by the header of others");
  return LAVIS4J_IMAGE_BROKEN;
}

// Whether the first marker after what was decoded, but for restarts, is the end of the image.
// Then decoding the remaining rows could not need more bytes than there are, so they are not
// decoded.
bool JpegDecoder::EndsAfterScan() const {
  if (jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&jpeg_))) {
    return false;
  }
  if (jpeg_.unread_marker != 0) {
    return jpeg_.unread_marker == kEndOfImage;
  }
  const uint8_t* at = source_.next_input_byte;
  const uint8_t* end = at + source_.bytes_in_buffer;
  while (at < end) {
    at = static_cast<const uint8_t*>(std::memchr(at, kMarker, static_cast<size_t>(end - at)));
    if (at == nullptr || at + 1 >= end) {
      return false;
    }
    const uint8_t code = at[1];
    if (code == kMarker) {
      at++;
    } else if (code == kStuffing || (code >= kFirstRestart && code <= kLastRestart)) {
      at += 2;
    } else {
      return code == kEndOfImage;
    }
  }
  return false;
}

}  // namespace lavis4j
