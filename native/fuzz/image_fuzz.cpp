// From a file's bytes to a batch: libFuzzer's target. The input is the file, and its last bytes say
// what is asked of it too, so that any image is a useful seed; what follows an image's end is
// not read by the decoders.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "lavis4j/image.h"

namespace {

// An image that is larger says nothing new and takes long.
constexpr int64_t kMaxPixels = int64_t{1} << 22;
constexpr int kMaxSide = 64;

// Mostly inside, sometimes beyond the edges.
lavis4j_image_box Box(FuzzedDataProvider& data, int32_t width, int32_t height) {
  const int32_t reach = data.ConsumeBool() ? 8 : 0;
  const int32_t left = data.ConsumeIntegralInRange<int32_t>(-reach, width + reach);
  const int32_t top = data.ConsumeIntegralInRange<int32_t>(-reach, height + reach);
  return {left, top, data.ConsumeIntegralInRange<int32_t>(-reach, width - left + reach),
          data.ConsumeIntegralInRange<int32_t>(-reach, height - top + reach)};
}

// Any four numbers at all, now and then.
lavis4j_image_box AnyBox(FuzzedDataProvider& data, int32_t width, int32_t height) {
  if (data.ConsumeIntegral<uint8_t>() < 240) {
    return Box(data, width, height);
  }
  const auto any = [&data] { return data.ConsumeIntegral<int32_t>(); };
  return {any(), any(), any(), any()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::vector<uint8_t> file(bytes, bytes + size);  // its end is seen by AddressSanitizer
  const auto length = static_cast<int64_t>(size);
  FuzzedDataProvider wish(bytes, size);

  lavis4j_image_message message;
  int32_t width = 0;
  int32_t height = 0;
  if (lavis4j_image_size(file.data(), length, &width, &height, &message) != LAVIS4J_IMAGE_OK ||
      int64_t{width} * height > kMaxPixels) {
    return 0;
  }
  std::array<lavis4j_image_box, 3> boxes;
  for (lavis4j_image_box& box : boxes) {
    box = AnyBox(wish, width, height);
  }
  const lavis4j_image_regions regions{boxes.data(), wish.ConsumeIntegralInRange<int32_t>(0, 3),
                                      wish.ConsumeBool() ? 100 : 0, wish.ConsumeBool() ? 80 : 0,
                                      wish.ConsumeIntegralInRange<int32_t>(0, 4)};
  std::array<lavis4j_image_augmentation, 2> augmentations{};
  for (lavis4j_image_augmentation& augmentation : augmentations) {
    augmentation.operation = wish.ConsumeIntegralInRange<int32_t>(-1, 3);
    for (double& number : augmentation.matrix) {
      // mostly as small as those that are used
      number = wish.ConsumeBool() ? wish.ConsumeFloatingPointInRange(-2.0, 2.0)
                                  : wish.ConsumeFloatingPointInRange(-1e300, 1e300);
    }
  }
  lavis4j_image_plan plan;
  plan.augmentations = augmentations.data();
  plan.num_augmentations = wish.ConsumeIntegralInRange<int32_t>(0, 2);
  plan.crop = AnyBox(wish, width, height);
  plan.width = wish.ConsumeIntegralInRange<int32_t>(0, kMaxSide);
  plan.height = wish.ConsumeIntegralInRange<int32_t>(0, kMaxSide);
  plan.window = Box(wish, plan.width, plan.height);
  plan.flip = wish.ConsumeBool();
  plan.fast = wish.ConsumeBool();

  // exactly as large as the header says, for AddressSanitizer
  const int64_t pixels = plan.window.width > 0 && plan.window.height > 0
                             ? int64_t{plan.window.width} * plan.window.height
                             : 0;
  lavis4j_image_status status;
  if (wish.ConsumeBool()) {
    const std::array<float, LAVIS4J_IMAGE_TABLE_SIZE> table{};
    std::vector<float> out(static_cast<size_t>(3 * pixels));
    status = lavis4j_image_load(file.data(), length, &regions, &plan, table.data(), out.data(),
                                &message);
  } else {
    const std::array<uint16_t, LAVIS4J_IMAGE_TABLE_SIZE> table{};
    std::vector<uint16_t> out(static_cast<size_t>(3 * pixels));
    status = lavis4j_image_load16(file.data(), length, &regions, &plan, table.data(), out.data(),
                                  &message);
  }
  if (status < LAVIS4J_IMAGE_OK || status > LAVIS4J_IMAGE_BAD_ARGUMENT) {
    std::abort();
  }
  return 0;
}
