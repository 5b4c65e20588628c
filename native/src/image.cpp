#include "lavis4j/image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <variant>

#include "augment.h"
#include "highlight.h"
#include "jpeg_decoder.h"
#include "png_decoder.h"
#include "resizer.h"
#include "webp_decoder.h"

namespace lavis4j {
namespace {

// A file's decoder in its place; none for a file of another kind.
using AnyDecoder = std::variant<std::monostate, JpegDecoder, PngDecoder, WebpDecoder>;

// Makes the decoder that the file needs. Null for a file of another kind.
Decoder* Emplace(const Bytes& file, AnyDecoder& any) {
  if (JpegDecoder::Recognises(file)) {
    return &any.emplace<JpegDecoder>();
  }
  if (PngDecoder::Recognises(file)) {
    return &any.emplace<PngDecoder>();
  }
  if (WebpDecoder::Recognises(file)) {
    return &any.emplace<WebpDecoder>();
  }
  return nullptr;
}

// Mirrors rows and looks their levels up.
template <typename T>
class TableSink final : public RowSink {
 public:
  TableSink(const lavis4j_image_plan& plan, bool flip, const T* table, T* out)
      : width_(static_cast<size_t>(plan.window.width)),
        plane_(width_ * static_cast<size_t>(plan.window.height)),
        flip_(flip),
        table_(table),
        out_(out) {}

  void Take(const uint8_t* row) override {
    for (size_t c = 0; c < 3; c++) {
      const T* table = table_ + 256 * c;
      T* out = out_ + c * plane_;
      const uint8_t* level = row + c;
      if (flip_) {
        for (size_t x = width_; x-- > 0; level += 3) {
          out[x] = table[*level];
        }
      } else {
        for (size_t x = 0; x < width_; x++, level += 3) {
          out[x] = table[*level];
        }
      }
    }
    out_ += width_;
  }

 private:
  const size_t width_;
  const size_t plane_;
  const bool flip_;
  const T* const table_;
  T* out_;
};

// Mirrors rows.
class ByteSink final : public RowSink {
 public:
  ByteSink(const lavis4j_image_plan& plan, uint8_t* out)
      : width_(static_cast<size_t>(plan.window.width)), flip_(plan.flip != 0), out_(out) {}

  void Take(const uint8_t* row) override {
    if (flip_) {
      for (size_t x = 0; x < width_; x++) {
        std::memcpy(out_ + 3 * x, row + 3 * (width_ - 1 - x), 3);
      }
    } else {
      std::memcpy(out_, row, 3 * width_);
    }
    out_ += 3 * width_;
  }

 private:
  const size_t width_;
  const bool flip_;
  uint8_t* out_;
};

bool Inside(const lavis4j_image_box& box, int32_t width, int32_t height) {
  return box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
         box.width <= width - box.left && box.height <= height - box.top;
}

bool Valid(const lavis4j_image_regions* regions) {
  return regions != nullptr && regions->num_boxes >= 0 &&
         (regions->num_boxes == 0 || regions->boxes != nullptr) &&
         regions->mode >= LAVIS4J_REGIONS_HIGHLIGHT && regions->mode <= LAVIS4J_REGIONS_BLACKOUT;
}

bool Valid(const lavis4j_image_augmentation& augmentation) {
  if (augmentation.operation != LAVIS4J_AUGMENT_WARP) {
    return augmentation.operation == LAVIS4J_AUGMENT_AUTO_CONTRAST ||
           augmentation.operation == LAVIS4J_AUGMENT_EQUALIZE;
  }
  return std::all_of(augmentation.matrix, augmentation.matrix + 6,
                     [](double number) { return std::isfinite(number); });
}

bool Valid(const lavis4j_image_plan* plan) {
  return plan != nullptr && plan->width > 0 && plan->height > 0 &&
         Inside(plan->window, plan->width, plan->height) && plan->num_augmentations >= 0 &&
         (plan->num_augmentations == 0 ||
          (plan->augmentations != nullptr &&
           std::all_of(plan->augmentations, plan->augmentations + plan->num_augmentations,
                       [](const lavis4j_image_augmentation& a) { return Valid(a); })));
}

// Memory that a thread keeps from one image to the next.
struct Scratch {
  Resizer resizer{BestKernels()};
  Highlight highlight;
  Augment augment;
};

thread_local Scratch scratch;

// The largest reduction after which the crop is not smaller than its resized form.
int Reduction(const lavis4j_image_plan& plan) {
  return plan.fast == 0 ? 1
                        : std::min(plan.crop.width / plan.width, plan.crop.height / plan.height);
}

// Pixels of an image that is reduced: from the first that a stretch of the file's touches on.
struct Reduced {
  int first;
  Axis axis;

  Reduced(int start, int size, int by)
      : first(start / by),
        axis{(start + size + by - 1) / by - first, static_cast<double>(start) / by - first,
             static_cast<double>(size) / by} {}
};

lavis4j_image_status Stream(Decoder& decoder, const lavis4j_image_regions& regions,
                            const lavis4j_image_plan& plan, RowSink& sink) {
  const lavis4j_image_box& crop = plan.crop;
  if (!Inside(crop, decoder.width(), decoder.height())) {
    return LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
  const int limit = Reduction(plan);
  const int by = limit > 1 ? decoder.Reduce(limit) : 1;
  const Reduced columns(crop.left, crop.width, by);
  const Reduced rows(crop.top, crop.height, by);
  Resizer& resizer = scratch.resizer;
  Highlight& highlight = scratch.highlight;
  if (!resizer.Begin(columns.axis, rows.axis, plan, sink) ||
      !highlight.Begin(regions, decoder.width(), decoder.height(), by)) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  lavis4j_image_box part = resizer.part();
  part.left += columns.first;
  part.top += rows.first;
  lavis4j_image_status status = decoder.Select(part);
  for (int y = part.top; status == LAVIS4J_IMAGE_OK && resizer.Wanted() > 0;) {
    const int count = resizer.Wanted();
    status = decoder.Read(resizer.Row(0), resizer.stride(), count);
    if (status != LAVIS4J_IMAGE_OK) {
      break;
    }
    for (int i = 0; i < count; i++, y++) {
      if (!highlight.Draw(resizer.Row(static_cast<size_t>(i)), y, part.left, part.width)) {
        return LAVIS4J_IMAGE_NO_MEMORY;
      }
    }
    resizer.Push();
  }
  return status == LAVIS4J_IMAGE_OK ? decoder.Finish() : status;
}

// Streams the image into the scratch and augments it there.
lavis4j_image_status StreamAugmented(Decoder& decoder, const lavis4j_image_regions& regions,
                                     const lavis4j_image_plan& plan) {
  Augment& augment = scratch.augment;
  if (!augment.Begin(plan.window.width, plan.window.height)) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  ByteSink sink(plan, augment.pixels());
  const lavis4j_image_status status = Stream(decoder, regions, plan, sink);
  for (int32_t i = 0; status == LAVIS4J_IMAGE_OK && i < plan.num_augmentations; i++) {
    if (!augment.Apply(plan.augmentations[i])) {
      return LAVIS4J_IMAGE_NO_MEMORY;
    }
  }
  return status;
}

// Opens the file and calls body with its decoder; the decoder's message is the caller's.
template <typename Body>
lavis4j_image_status WithDecoder(const uint8_t* file, int64_t length,
                                 lavis4j_image_message* message, const Body& body) {
  if (file == nullptr || length < 0 || message == nullptr) {
    return LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
  message->text[0] = 0;
  const Bytes bytes{file, static_cast<size_t>(length)};
  AnyDecoder any;
  Decoder* decoder = Emplace(bytes, any);
  if (decoder == nullptr) {
    return LAVIS4J_IMAGE_UNKNOWN;
  }
  lavis4j_image_status status = decoder->Open(bytes);
  if (status == LAVIS4J_IMAGE_OK) {
    status = body(*decoder);
  }
  if (status == LAVIS4J_IMAGE_BROKEN) {
    std::memcpy(message->text, decoder->message(), sizeof(message->text));
  }
  return status;
}

template <typename T>
lavis4j_image_status Load(const uint8_t* file, int64_t length, const lavis4j_image_regions* regions,
                          const lavis4j_image_plan* plan, const T* table, T* out,
                          lavis4j_image_message* message) {
  if (!Valid(regions) || !Valid(plan) || table == nullptr || out == nullptr) {
    return LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
  return WithDecoder(file, length, message, [&](Decoder& decoder) {
    if (plan->num_augmentations == 0) {
      TableSink<T> sink(*plan, plan->flip != 0, table, out);
      return Stream(decoder, *regions, *plan, sink);
    }
    const lavis4j_image_status status = StreamAugmented(decoder, *regions, *plan);
    TableSink<T> sink(*plan, false, table, out);
    const size_t row = 3 * static_cast<size_t>(plan->window.width);
    for (int y = 0; status == LAVIS4J_IMAGE_OK && y < plan->window.height; y++) {
      sink.Take(scratch.augment.pixels() + static_cast<size_t>(y) * row);
    }
    return status;
  });
}

}  // namespace
}  // namespace lavis4j

extern "C" {

lavis4j_image_status lavis4j_image_size(const uint8_t* file, int64_t length, int32_t* width,
                                        int32_t* height, lavis4j_image_message* message) {
  if (width == nullptr || height == nullptr) {
    return LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
  return lavis4j::WithDecoder(file, length, message, [&](const lavis4j::Decoder& decoder) {
    *width = decoder.width();
    *height = decoder.height();
    return LAVIS4J_IMAGE_OK;
  });
}

lavis4j_image_status lavis4j_image_load(const uint8_t* file, int64_t length,
                                        const lavis4j_image_regions* regions,
                                        const lavis4j_image_plan* plan, const float* table,
                                        float* out, lavis4j_image_message* message) {
  return lavis4j::Load(file, length, regions, plan, table, out, message);
}

lavis4j_image_status lavis4j_image_load16(const uint8_t* file, int64_t length,
                                          const lavis4j_image_regions* regions,
                                          const lavis4j_image_plan* plan, const uint16_t* table,
                                          uint16_t* out, lavis4j_image_message* message) {
  return lavis4j::Load(file, length, regions, plan, table, out, message);
}

lavis4j_image_status lavis4j_image_load_rgb8(const uint8_t* file, int64_t length,
                                             const lavis4j_image_regions* regions,
                                             const lavis4j_image_plan* plan, uint8_t* out,
                                             lavis4j_image_message* message) {
  if (!lavis4j::Valid(regions) || !lavis4j::Valid(plan) || out == nullptr) {
    return LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
  return lavis4j::WithDecoder(file, length, message, [&](lavis4j::Decoder& decoder) {
    if (plan->num_augmentations == 0) {
      lavis4j::ByteSink sink(*plan, out);
      return lavis4j::Stream(decoder, *regions, *plan, sink);
    }
    const lavis4j_image_status status = lavis4j::StreamAugmented(decoder, *regions, *plan);
    if (status == LAVIS4J_IMAGE_OK) {
      const auto width = static_cast<size_t>(plan->window.width);
      std::memcpy(out, lavis4j::scratch.augment.pixels(),
                  3 * width * static_cast<size_t>(plan->window.height));
    }
    return status;
  });
}

}  // extern "C"
