#include "kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "taps.h"

namespace lavis4j {
namespace {

std::vector<Kernels> AllKernels() {
  std::vector<Kernels> all{kPortableKernels};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    all.push_back(kAvx2Kernels);
  }
#endif
  return all;
}

uint8_t Rounded(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

std::vector<uint8_t> Noise(size_t size, std::mt19937& random) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) {
    byte = static_cast<uint8_t>(random() % 4 == 0 ? 255 * (random() % 2) : random());
  }
  return bytes;
}

void CheckHorizontal(const Kernels& kernels, int width, int out_width, std::mt19937& random) {
  Taps taps;
  ASSERT_TRUE(taps.Make(Axis::Whole(width), out_width, out_width / 3, (out_width + 1) / 2));
  const size_t length = 3 * static_cast<size_t>(taps.last() - taps.first());
  const size_t out_length = 3 * static_cast<size_t>(taps.count());
  std::vector<std::vector<uint8_t>> in;
  std::vector<std::vector<uint8_t>> out;
  Band band{};
  for (size_t r = 0; r < kBand; r++) {
    in.push_back(Noise(Padded(length), random));
    out.emplace_back(Padded(out_length));
  }
  for (size_t r = 0; r < kBand; r++) {
    band.in[r] = in[r].data();
    band.out[r] = out[r].data();
  }
  std::vector<uint8_t> columns(kBand * Padded(length));
  std::vector<uint8_t> narrow(kBand * Padded(out_length));
  band.in_length = length;
  band.first = taps.first();
  band.out_length = out_length;
  band.columns = columns.data();
  band.narrow = narrow.data();
  kernels.horizontal(band, taps.view());
  for (size_t r = 0; r < kBand; r++) {
    for (size_t i = 0; i < out_length; i++) {
      const int x = static_cast<int>(i / 3);
      int32_t sum = kHalf;
      for (int k = 0; k < taps.length(x); k++) {
        const auto pixel = static_cast<size_t>(taps.start(x) - taps.first() + k);
        sum += in[r][3 * pixel + i % 3] * taps.weights(x)[k];
      }
      ASSERT_EQ(out[r][i], Rounded(sum))
          << width << " to " << out_width << ", row " << r << ", byte " << i;
    }
  }
}

TEST(Kernels, ResizeAlongXAsThePlainSum) {
  std::mt19937 random(1);
  for (const Kernels& kernels : AllKernels()) {
    for (const auto& [width, out_width] :
         {std::pair{1, 1}, {1, 9}, {7, 7}, {100, 3}, {33, 32}, {64, 31}, {200, 75}, {5, 90}}) {
      CheckHorizontal(kernels, width, out_width, random);
    }
  }
}

TEST(Kernels, ResizeAlongYAsThePlainSum) {
  std::mt19937 random(2);
  for (const Kernels& kernels : AllKernels()) {
    for (const size_t length : {size_t{1}, size_t{31}, size_t{32}, size_t{33}, size_t{300}}) {
      Taps taps;
      ASSERT_TRUE(taps.Make(Axis::Whole(40), 13, 0, 13));
      std::vector<std::vector<uint8_t>> rows;
      std::vector<const uint8_t*> pointers;
      for (int k = 0; k < taps.longest(); k++) {
        rows.push_back(Noise(Padded(length), random));
      }
      for (const auto& row : rows) {
        pointers.push_back(row.data());
      }
      std::vector<uint8_t> out(Padded(length));
      kernels.vertical(pointers.data(), taps.weights(6), taps.length(6), length, out.data());
      for (size_t i = 0; i < length; i++) {
        int32_t sum = kHalf;
        for (int k = 0; k < taps.length(6); k++) {
          sum += rows[static_cast<size_t>(k)][i] * taps.weights(6)[k];
        }
        ASSERT_EQ(out[i], Rounded(sum)) << length << ", byte " << i;
      }
    }
  }
}

TEST(Taps, WeightsOfAPixelAddUpToOne) {
  for (const auto& [in, out] : {std::pair{1, 1}, {1, 50}, {50, 1}, {640, 224}, {3, 1000}}) {
    Taps taps;
    ASSERT_TRUE(taps.Make(Axis::Whole(in), out, 0, out));
    for (int i = 0; i < out; i++) {
      int64_t sum = 0;
      for (int k = 0; k < taps.length(i); k++) {
        sum += taps.weights(i)[k];
      }
      EXPECT_NEAR(static_cast<double>(sum), 1 << kPrecisionBits, taps.length(i));
      EXPECT_GE(taps.start(i), 0);
      EXPECT_LE(taps.end(i), in);
    }
  }
}

TEST(Taps, ASizeThatStaysCopiesPixels) {
  Taps taps;
  ASSERT_TRUE(taps.Make(Axis::Whole(9), 9, 0, 9));
  for (int i = 0; i < 9; i++) {
    for (int k = 0; k < taps.length(i); k++) {
      EXPECT_EQ(taps.weights(i)[k], taps.start(i) + k == i ? 1 << kPrecisionBits : 0);
    }
  }
}

}  // namespace
}  // namespace lavis4j
