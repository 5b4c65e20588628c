#include "dots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tiles.h"

namespace lavis4j {
namespace {

std::vector<const DotsKernel*> Kernels() {
  std::vector<const DotsKernel*> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(&kAvx2Dots);
  }
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back(&kAvx512Dots);
  }
  if (HasTiles()) {
    kernels.push_back(&kAmxDots);
  }
#endif
  return kernels;
}

std::vector<float> Numbers(size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> number(-1, 1);
  std::vector<float> numbers(count);
  std::generate(numbers.begin(), numbers.end(), [&] { return number(random); });
  return numbers;
}

// Operands with gaps between rows, and the result of a kernel over old values.
struct Product {
  size_t outputs;
  size_t rows;
  size_t depth;
  size_t gap;
  std::vector<float> weights;
  std::vector<float> x;
  std::vector<float> old;

  Product(size_t outputs_of, size_t rows_of, size_t depth_of, size_t gap_of, std::mt19937& random)
      : outputs(outputs_of),
        rows(rows_of),
        depth(depth_of),
        gap(gap_of),
        weights(Numbers(outputs * (depth + gap), random)),
        x(Numbers(rows * (depth + gap), random)),
        old(Numbers(rows * (outputs + gap), random)) {}

  std::vector<float> Run(const DotsKernel& kernel, float alpha, float beta, size_t first,
                         size_t count) const {
    const Rows some{x.data() + first * (depth + gap), depth + gap, count, depth};
    PackedRows packed(kernel, some);
    for (size_t part = 0; part < 3; part++) {
      packed.Fill(part, 3);
    }
    std::vector<float> y(old.begin() + static_cast<ptrdiff_t>(first * (outputs + gap)),
                         old.begin() + static_cast<ptrdiff_t>((first + count) * (outputs + gap)));
    kernel.run({weights.data(), depth + gap, outputs, some, packed.data(), alpha, beta, y.data(),
                outputs + gap});
    return y;
  }

  double Sum(size_t row, size_t output) const {
    double sum = 0;
    for (size_t k = 0; k < depth; k++) {
      sum += static_cast<double>(weights[output * (depth + gap) + k]) *
             static_cast<double>(x[row * (depth + gap) + k]);
    }
    return sum;
  }
};

TEST(DotsTest, EveryShapeEqualsTheSumInDoubleAndNothingElseIsWritten) {
  std::mt19937 random(20230130);
  for (const DotsKernel* kernel : Kernels()) {
    for (const size_t rows : std::initializer_list<size_t>{1, 2, 3, 4, 5, 6, 7, 12, 13, 20, 25, 64}) {
      for (const size_t depth : std::initializer_list<size_t>{1, 7, 8, 9, 15, 16, 17, 88, 1024, 1031, 2100}) {
        for (const size_t outputs : std::initializer_list<size_t>{1, 3, 4, 21}) {
          const Product p(outputs, rows, depth, rows % 3, random);
          for (float beta : {0.0F, 1.0F, -0.5F}) {
            const auto y = p.Run(*kernel, 0.75F, beta, 0, rows);
            for (size_t row = 0; row < rows; row++) {
              for (size_t i = 0; i < outputs + p.gap; i++) {
                const size_t at = row * (outputs + p.gap) + i;
                const double before = static_cast<double>(p.old[at]);
                const double expected =
                    i < outputs ? 0.75 * p.Sum(row, i) + static_cast<double>(beta) * before : before;
                ASSERT_NEAR(y[at], expected, 1e-6 * (5 + std::sqrt(static_cast<double>(depth))))
                    << rows << " rows of " << depth << " numbers, element " << row << ", " << i;
              }
            }
          }
        }
      }
    }
  }
}

TEST(DotsTest, ARowsResultsAreTheSameInWhateverCompany) {
  std::mt19937 random(5);
  for (const DotsKernel* kernel : Kernels()) {
    const Product p(37, 23, 1100, 0, random);
    const auto together = p.Run(*kernel, 1, 0, 0, p.rows);
    for (size_t row = 0; row < p.rows; row++) {
      const auto alone = p.Run(*kernel, 1, 0, row, 1);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                             together.begin() + static_cast<ptrdiff_t>(row * p.outputs)))
          << "row " << row;
    }
  }
}

TEST(DotsTest, WithoutBetaTheOldResultIsNotRead) {
  std::mt19937 random(6);
  for (const DotsKernel* kernel : Kernels()) {
    Product p(9, 4, 40, 0, random);
    std::fill(p.old.begin(), p.old.end(), NAN);
    for (float y : p.Run(*kernel, 1, 0, 0, p.rows)) {
      EXPECT_FALSE(std::isnan(y));
    }
  }
}

TEST(DotsTest, NumbersThatAreNotFiniteAndThoseNextToThemComeThrough) {
  std::mt19937 random(7);
  const float greatest = std::numeric_limits<float>::max();
  for (const DotsKernel* kernel : Kernels()) {
    Product p(40, 20, 300, 0, random);
    std::fill_n(p.x.begin() + 2 * 300, 300, 0.0F);
    p.x[2 * 300 + 7] = 1;
    p.weights[3 * 300 + 7] = INFINITY;
    p.weights[4 * 300 + 299] = NAN;
    p.weights[5 * 300 + 7] = -greatest;
    const auto y = p.Run(*kernel, 1, 0, 0, p.rows);
    const auto at = [&](size_t row, size_t output) { return y[row * p.outputs + output]; };
    EXPECT_EQ(at(2, 3), INFINITY);
    EXPECT_EQ(at(2, 5), -greatest);
    EXPECT_EQ(at(2, 6), p.weights[6 * 300 + 7]);
    for (size_t row = 0; row < p.rows; row++) {
      EXPECT_EQ(std::signbit(at(row, 3)), std::signbit(p.x[row * 300 + 7])) << row;
      EXPECT_TRUE(std::isinf(at(row, 3))) << row;
      EXPECT_TRUE(std::isnan(at(row, 4))) << row;
      EXPECT_TRUE(std::isfinite(at(row, 0))) << row;
    }
  }
}

}  // namespace
}  // namespace lavis4j
