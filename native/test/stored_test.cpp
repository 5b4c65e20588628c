#include "stored.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace lavis4j {
namespace {

template <typename W>
using KernelList = std::vector<const StoredKernel<W>*>;

KernelList<uint16_t> Kernels(uint16_t /*weight*/) {
  KernelList<uint16_t> kernels{&kPlainBf16};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(&kAvx2Bf16);
  }
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back(&kAvx512Bf16);
  }
#endif
  return kernels;
}

KernelList<int8_t> Kernels(int8_t /*weight*/) {
  KernelList<int8_t> kernels{&kPlainInt8};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(&kAvx2Int8);
  }
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back(&kAvx512Int8);
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni")) {
      kernels.push_back(&kVnniInt8);
    }
  }
#endif
  return kernels;
}

double Widened(int8_t value) { return value; }

double Widened(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16U;
  float widened = 0;
  std::memcpy(&widened, &bits, sizeof(widened));
  return static_cast<double>(widened);
}

void Draw(std::mt19937& random, int8_t& value) {
  value = static_cast<int8_t>(std::uniform_int_distribution<int>(-128, 127)(random));
}

void Draw(std::mt19937& random, uint16_t& value) {
  const float drawn = std::uniform_real_distribution<float>(-100, 100)(random);
  uint32_t bits = 0;
  std::memcpy(&bits, &drawn, sizeof(bits));
  value = static_cast<uint16_t>(bits >> 16U);
}

void Draw(std::mt19937& random, float& value) {
  value = std::uniform_real_distribution<float>(-1, 1)(random);
}

template <typename T>
std::vector<T> Numbers(size_t count, std::mt19937& random) {
  std::vector<T> numbers(count);
  std::for_each(numbers.begin(), numbers.end(), [&](T& value) { Draw(random, value); });
  return numbers;
}

struct alignas(kStoredLine * sizeof(float)) Line {
  float numbers[kStoredLine];
};

template <typename W>
struct Product {
  size_t rows;
  size_t outputs;
  size_t depth;
  std::vector<W> weights;
  std::vector<float> x;
  std::vector<float> scale;
  std::vector<float> bias;

  Product(size_t rows_of, size_t outputs_of, size_t depth_of, std::mt19937& random)
      : rows(rows_of),
        outputs(outputs_of),
        depth(depth_of),
        weights(Numbers<W>(outputs * depth, random)),
        x(Numbers<float>(rows * depth, random)),
        scale(Numbers<float>(outputs, random)),
        bias(Numbers<float>(outputs, random)) {}

  lavis4j_stored_product Of(size_t first, size_t count, std::vector<float>& y) const {
    return {static_cast<int64_t>(count),
            static_cast<int64_t>(outputs),
            static_cast<int64_t>(depth),
            x.data() + first * depth,
            scale.data(),
            bias.data(),
            y.data(),
            1};
  }

  // Rows first, ..., first + count - 1, their outputs in two parts.
  std::vector<float> Run(const StoredKernel<W>& kernel, size_t first, size_t count) const {
    std::vector<float> y(count * outputs, NAN);
    const auto product = Of(first, count, y);
    std::vector<Line> packed(kernel.packed_bytes(product) / sizeof(Line) + 1);
    kernel.pack(product, packed.data()->numbers);
    const size_t half = outputs / 2;
    kernel.run(weights.data(), {product, packed.data()->numbers, 0, half});
    kernel.run(weights.data(), {product, packed.data()->numbers, half, outputs - half});
    return y;
  }

  double Expected(size_t row, size_t output) const {
    double sum = 0;
    for (size_t k = 0; k < depth; k++) {
      sum += Widened(weights[output * depth + k]) * static_cast<double>(x[row * depth + k]);
    }
    return static_cast<double>(scale[output]) * sum + static_cast<double>(bias[output]);
  }
};

template <typename W>
class StoredTest : public testing::Test {};

using Weights = testing::Types<int8_t, uint16_t>;
TYPED_TEST_SUITE(StoredTest, Weights);

TYPED_TEST(StoredTest, EveryShapeEqualsTheSumInDouble) {
  std::mt19937 random(20230130);
  for (const auto* kernel : Kernels(TypeParam{})) {
    for (const size_t rows : std::initializer_list<size_t>{1, 2, 3, 5, 6, 7, 13, 40, 64}) {
      for (const size_t depth :
           std::initializer_list<size_t>{1, 15, 16, 17, 31, 32, 64, 100, 1024, 1031, 2100, 4097}) {
        for (const size_t outputs : std::initializer_list<size_t>{1, 3, 9, 21}) {
          const Product<TypeParam> p(rows, outputs, depth, random);
          const auto y = p.Run(*kernel, 0, rows);
          for (size_t at = 0; at < y.size(); at++) {
            ASSERT_NEAR(y[at], p.Expected(at / outputs, at % outputs),
                        1e-4 * (1 + std::sqrt(static_cast<double>(depth))))
                << rows << " rows of " << depth << " numbers, element " << at << " of " << outputs;
          }
        }
      }
    }
  }
}

TYPED_TEST(StoredTest, ARowsResultsAreTheSameInWhateverCompany) {
  std::mt19937 random(5);
  for (const auto* kernel : Kernels(TypeParam{})) {
    for (const size_t depth : std::initializer_list<size_t>{1100, 2561, 5003}) {
      const Product<TypeParam> p(23, 37, depth, random);
      const auto together = p.Run(*kernel, 0, p.rows);
      for (size_t row = 0; row < p.rows; row++) {
        const auto alone = p.Run(*kernel, row, 1);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               together.begin() + static_cast<ptrdiff_t>(row * p.outputs)))
            << "row " << row << " of " << depth << " numbers";
      }
    }
  }
}

TYPED_TEST(StoredTest, SumsAreAsExactAsFloat) {
  std::mt19937 random(8);
  for (const auto* kernel : Kernels(TypeParam{})) {
    const size_t depth = 5000;
    Product<TypeParam> p(3, 16, depth, random);
    p.x[17] = 60;          // one number far above the others
    p.x[depth] = -1e-20F;  // and rows of another size
    for (size_t k = 0; k < depth; k++) {
      p.x[2 * depth + k] *= 1e20F;
    }
    const auto y = p.Run(*kernel, 0, p.rows);
    for (size_t at = 0; at < y.size(); at++) {
      const size_t row = at / p.outputs;
      const size_t output = at % p.outputs;
      double size = 0;
      for (size_t k = 0; k < depth; k++) {
        size += std::abs(Widened(p.weights[output * depth + k]) *
                         static_cast<double>(p.x[row * depth + k]));
      }
      EXPECT_NEAR(y[at], p.Expected(row, output),
                  1e-6 * std::abs(static_cast<double>(p.scale[output])) * size + 1e-6)
          << "element " << output << " of row " << row;
    }
  }
}

TYPED_TEST(StoredTest, ARowThatIsNotFiniteHasNoFiniteResult) {
  std::mt19937 random(9);
  for (const auto* kernel : Kernels(TypeParam{})) {
    for (const float odd : {NAN, INFINITY, -INFINITY}) {
      Product<TypeParam> p(3, 9, 70, random);
      const auto finite = p.Run(*kernel, 0, p.rows);
      p.x[70 + 5] = odd;
      const auto y = p.Run(*kernel, 0, p.rows);
      for (size_t at = 0; at < y.size(); at++) {
        if (at / p.outputs == 1) {
          EXPECT_FALSE(std::isfinite(y[at]));
        } else {
          EXPECT_EQ(finite[at], y[at]);
        }
      }
    }
  }
}

TYPED_TEST(StoredTest, ARowOfZerosGivesTheBias) {
  std::mt19937 random(10);
  for (const auto* kernel : Kernels(TypeParam{})) {
    Product<TypeParam> p(2, 5, 33, random);
    std::fill(p.x.begin(), p.x.end(), 0.0F);
    const auto y = p.Run(*kernel, 0, p.rows);
    for (size_t at = 0; at < y.size(); at++) {
      EXPECT_EQ(p.bias[at % p.outputs], y[at]);
    }
  }
}

void Multiply(const int8_t* weights, const lavis4j_stored_product& product) {
  lavis4j_stored_int8(weights, &product);
}

void Multiply(const uint16_t* weights, const lavis4j_stored_product& product) {
  lavis4j_stored_bf16(weights, &product);
}

TYPED_TEST(StoredTest, AnyNumberOfThreadsGivesTheSame) {
  std::mt19937 random(6);
  const Product<TypeParam> p(5, 301, 700, random);
  std::vector<float> alone(p.rows * p.outputs, NAN);
  Multiply(p.weights.data(), p.Of(0, p.rows, alone));
  for (const int threads : {2, 3, 8}) {
    std::vector<float> y(alone.size(), NAN);
    auto product = p.Of(0, p.rows, y);
    product.threads = threads;
    Multiply(p.weights.data(), product);
    EXPECT_EQ(alone, y) << threads << " threads";
  }
}

TYPED_TEST(StoredTest, WithoutScaleAndBiasSumsStay) {
  std::mt19937 random(7);
  Product<TypeParam> p(2, 6, 50, random);
  std::vector<float> y(p.rows * p.outputs, NAN);
  auto product = p.Of(0, p.rows, y);
  product.scale = nullptr;
  product.bias = nullptr;
  Multiply(p.weights.data(), product);
  std::fill(p.scale.begin(), p.scale.end(), 1.0F);
  std::fill(p.bias.begin(), p.bias.end(), 0.0F);
  for (size_t at = 0; at < y.size(); at++) {
    EXPECT_NEAR(y[at], p.Expected(at / p.outputs, at % p.outputs), 1e-3);
  }
}

}  // namespace
}  // namespace lavis4j
