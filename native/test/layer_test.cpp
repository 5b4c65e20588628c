#include "layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace lavis4j {
namespace {

std::vector<const LayerKernel*> Kernels() {
  std::vector<const LayerKernel*> kernels{&kPlainLayer};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(&kAvx2Layer);
  }
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back(&kAvx512Layer);
  }
#endif
  return kernels;
}

std::vector<float> Normal(int size, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> numbers(static_cast<size_t>(size));
  for (float& number : numbers) {
    number = normal(random);
  }
  return numbers;
}

size_t At(int row, int col, int stride) { return static_cast<size_t>(col * stride + row); }

double Expected(Activation activation, float x) {
  const auto wide = static_cast<double>(x);
  return activation == Activation::kGelu ? wide * std::erfc(-wide * std::sqrt(0.5)) / 2
                                         : wide / (1 + std::exp(-1.702 * wide));
}

// The activation of each number, by one kernel.
std::vector<float> Activated(const LayerKernel& kernel, Activation activation,
                             std::vector<float> x) {
  const int size = static_cast<int>(x.size());
  Gemm<float> block{true, false, size, 1, 1, 1, nullptr, 1, nullptr, 1, 0, x.data(), size};
  block.layer.activation = activation;
  kernel.finish(block);
  return x;
}

TEST(LayerKernelTest, ActivationsAreThoseInDoubleToTheLastDigits) {
  std::vector<float> x;
  for (int i = -1000000; i <= 1000000; i++) {
    x.push_back(static_cast<float>(i) * 8e-6F);
  }
  for (float small = 1; small > 0; small /= 2) {
    x.push_back(small);
    x.push_back(-small);
  }
  for (const float large : {8.0F, 100.0F, 1e10F, 3e38F}) {
    x.push_back(large);
    x.push_back(-large);
  }
  for (const LayerKernel* kernel : Kernels()) {
    for (const Activation activation : {Activation::kGelu, Activation::kQuickGelu}) {
      const auto y = Activated(*kernel, activation, x);
      for (size_t i = 0; i < x.size(); i++) {
        const double expected = Expected(activation, x[i]);
        const double error = std::abs(static_cast<double>(y[i]) - expected);
        ASSERT_LE(error, std::max(4e-8, 2e-7 * std::abs(expected))) << "of " << x[i];
        if (std::abs(x[i]) < 1) {
          ASSERT_LE(error, 2e-7 * std::abs(expected) + 1e-45) << "of " << x[i];
        }
      }
    }
  }
}

TEST(LayerKernelTest, NumbersThatAreNotFiniteStayWhatTheyAre) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const LayerKernel* kernel : Kernels()) {
    for (const Activation activation :
         {Activation::kRelu, Activation::kGelu, Activation::kQuickGelu}) {
      const auto y = Activated(*kernel, activation, {std::nanf(""), kInfinity, 0.0F, -0.0F});
      EXPECT_TRUE(std::isnan(y[0]));
      EXPECT_EQ(y[1], kInfinity);
      EXPECT_EQ(y[2], 0);
      EXPECT_EQ(y[3], 0);
    }
  }
}

TEST(LayerKernelTest, KernelsAgreeBitForBitAndWriteNothingElse) {
  constexpr float kPadding = -77;
  std::mt19937 random(20230130);
  for (const int rows : {1, 7, 8, 15, 16, 17, 48, 100}) {
    for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kGelu,
                                        Activation::kQuickGelu}) {
      for (const bool has_residual : {false, true}) {
        constexpr int kCols = 3;
        const int ldc = rows + 5;
        const int ldr = rows + 2;
        const auto bias = Normal(rows, random);
        const auto sums = Normal(kCols * rows, random);
        const auto residual = Normal(kCols * ldr, random);
        std::vector<float> first;
        for (const LayerKernel* kernel : Kernels()) {
          std::vector<float> c(At(0, kCols, ldc), kPadding);
          Gemm<float> block{true,    false, rows,    kCols, 1, 1,
                            nullptr, 1,     nullptr, 1,     1, c.data(), ldc};
          block.layer = {bias.data(), has_residual ? residual.data() : nullptr, ldr, activation};
          kernel->start(block);
          for (int j = 0; j < kCols; j++) {
            for (int i = 0; i < rows; i++) {
              ASSERT_EQ(c[At(i, j, ldc)], bias[At(i, 0, 1)]);
              c[At(i, j, ldc)] += sums[At(i, j, rows)];
            }
          }
          kernel->finish(block);
          for (int j = 0; j < kCols; j++) {
            for (int i = rows; i < ldc; i++) {
              ASSERT_EQ(c[At(i, j, ldc)], kPadding);
            }
          }
          if (first.empty()) {
            first = c;
          }
          ASSERT_EQ(c, first);
        }
      }
    }
  }
}

}  // namespace
}  // namespace lavis4j
