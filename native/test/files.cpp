#include "files.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

// jpeglib.h wants FILE declared.
#include <jpeglib.h>
#include <png.h>

// Of libwebp's public interface, webp/encode.h.
extern "C" {
size_t WebPEncodeRGB(const uint8_t* rgb, int width, int height, int stride, float quality,
                     uint8_t** out);
size_t WebPEncodeLosslessRGB(const uint8_t* rgb, int width, int height, int stride, uint8_t** out);
void WebPFree(void* memory);
}

namespace lavis4j {

Rgb RandomImage(int width, int height, uint32_t seed) {
  std::mt19937 random(seed);
  Rgb image{width, height, {}};
  const double wave = 0.01 * static_cast<double>(random() % 40);
  const int noise = static_cast<int>(random() % 60);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        const double smooth = 128 + 90 * std::sin(wave * (x * (c + 1) + y * (3 - c)));
        const int level =
            static_cast<int>(smooth) + (noise == 0 ? 0 : static_cast<int>(random() % 1000) % noise);
        image.pixels.push_back(static_cast<uint8_t>(level < 0 ? 0 : level > 255 ? 255 : level));
      }
    }
  }
  return image;
}

File Jpeg(const Rgb& image, const JpegKind& kind) {
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 85, TRUE);
  jpeg.comp_info[0].h_samp_factor = kind.horizontal;
  jpeg.comp_info[0].v_samp_factor = kind.vertical;
  jpeg.restart_in_rows = kind.restarts;
  if (kind.progressive) {
    jpeg_simple_progression(&jpeg);
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < image.height; y++) {
    JSAMPROW row = const_cast<uint8_t*>(image.at(0, y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  File file(memory, memory + size);
  std::free(memory);
  return file;
}

namespace {

void Append(png_structp png, png_bytep bytes, size_t count) {
  auto* file = static_cast<File*>(png_get_io_ptr(png));
  file->insert(file->end(), bytes, bytes + count);
}

void Flush(png_structp /*png*/) {}

// Writes an image; text, if there is one, before its pixels.
File Write(const Rgb& image, bool interlaced, std::string* text) {
  File file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, Append, Flush);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8, PNG_COLOR_TYPE_RGB,
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.height; y++) {
    rows.push_back(const_cast<png_bytep>(image.at(0, y)));
  }
  png_set_rows(png, info, rows.data());
  if (text != nullptr) {
    png_text comment{};
    comment.compression = PNG_TEXT_COMPRESSION_zTXt;
    std::string key = "Comment";
    comment.key = key.data();
    comment.text = text->data();
    comment.text_length = text->size();
    png_set_text(png, info, &comment, 1);
  }
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

constexpr uint8_t kStartOfScan = 0xda;

// Where a marker stands, from a place on.
size_t Marker(const File& file, uint8_t code, size_t from) {
  for (size_t i = from; i + 1 < file.size(); i++) {
    if (file[i] == 0xff && file[i + 1] == code) {
      return i;
    }
  }
  std::abort();
}

constexpr size_t kHeightAt = 20;
constexpr size_t kHeaderSize = 33;  // with the signature

void Put(File& file, size_t at, uint32_t word) {
  for (size_t i = 0; i < 4; i++) {
    file[at + i] = static_cast<uint8_t>(word >> (24 - 8 * i));
  }
}

// Sets the header's height, and the checksum that belongs to it.
void SetHeight(File& file, int height) {
  Put(file, kHeightAt, static_cast<uint32_t>(height));
  uint32_t crc = 0xffffffff;
  for (size_t i = 12; i < kHeaderSize - 4; i++) {
    crc ^= file[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
  }
  Put(file, kHeaderSize - 4, ~crc);
}

}  // namespace

File Png(const Rgb& image, bool interlaced) { return Write(image, interlaced, nullptr); }

File PngWithText(const Rgb& image, size_t letters) {
  std::string text(letters, 'a');
  return Write(image, false, &text);
}

File PngOfLessHeight(const Rgb& image, int height) {
  File file = Png(image, false);
  SetHeight(file, height);
  return file;
}

File PngOfClaim(int width, int height, bool interlaced) {
  File file = Png(RandomImage(1, 1, 0), interlaced);
  Put(file, kHeightAt - 4, static_cast<uint32_t>(width));
  SetHeight(file, height);
  return file;
}

File JpegOfClaim(int width, int height, bool progressive) {
  File file = Jpeg(RandomImage(8, 8, 0), {1, 1, progressive, 0});
  const size_t frame = Marker(file, progressive ? 0xc2 : 0xc0, 0);
  file[frame + 5] = static_cast<uint8_t>(height >> 8);
  file[frame + 6] = static_cast<uint8_t>(height);
  file[frame + 7] = static_cast<uint8_t>(width >> 8);
  file[frame + 8] = static_cast<uint8_t>(width);
  return file;
}

File JpegOfScans(const Rgb& image, int scans) {
  File file = Jpeg(image, {1, 1, true, 0});
  // the second scan and the definition of its codes: from the first one's end to its own
  const size_t from = Marker(file, 0xc4, Marker(file, kStartOfScan, 0));
  const size_t to = Marker(file, 0xc4, Marker(file, kStartOfScan, from));
  const File scan(file.begin() + static_cast<ptrdiff_t>(from),
                  file.begin() + static_cast<ptrdiff_t>(to));
  for (int i = 0; i < scans; i++) {
    file.insert(file.begin() + static_cast<ptrdiff_t>(to), scan.begin(), scan.end());
  }
  return file;
}

File Webp(const Rgb& image, bool lossless) {
  uint8_t* memory = nullptr;
  const size_t size = lossless ? WebPEncodeLosslessRGB(image.pixels.data(), image.width,
                                                       image.height, 3 * image.width, &memory)
                               : WebPEncodeRGB(image.pixels.data(), image.width, image.height,
                                               3 * image.width, 40, &memory);
  File file(memory, memory + size);
  WebPFree(memory);
  return file;
}

File JpegHeader(int width, int height) {
  const auto high = [](int word) { return static_cast<uint8_t>(word >> 8); };
  const auto low = [](int word) { return static_cast<uint8_t>(word & 0xff); };
  return {0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, high(height), low(height), high(width), low(width), 3,
          1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0,
          // one scan of all components
          0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0};
}

lavis4j_image_plan Whole(int width, int height) {
  return {{0, 0, width, height}, width, height, {0, 0, width, height}, 0, 0, nullptr, 0};
}

lavis4j_image_status LoadRgb8(const File& file, const lavis4j_image_plan& plan,
                              std::vector<uint8_t>& out, lavis4j_image_message& message) {
  const lavis4j_image_regions none{nullptr, 0, 0, 0, LAVIS4J_REGIONS_NONE};
  out.assign(3 * static_cast<size_t>(plan.window.width) * static_cast<size_t>(plan.window.height),
             0);
  return lavis4j_image_load_rgb8(file.data(), static_cast<int64_t>(file.size()), &none, &plan,
                                 out.data(), &message);
}

}  // namespace lavis4j
