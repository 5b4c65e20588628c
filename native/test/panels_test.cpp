#include "panels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace lavis4j {
namespace {

constexpr int kGap = 3;

std::vector<float> Numbers(int strides, int stride, std::mt19937& random) {
  std::uniform_real_distribution<float> number(-1, 1);
  std::vector<float> numbers(static_cast<size_t>(strides) * static_cast<size_t>(stride));
  for (float& n : numbers) {
    n = number(random);
  }
  return numbers;
}

double At(const std::vector<float>& numbers, bool transposed, int stride, int row, int col) {
  const int at = transposed ? row * stride + col : col * stride + row;
  return static_cast<double>(numbers[static_cast<size_t>(at)]);
}

void Check(bool ta, bool tb, int m, int n, int k, float beta, std::mt19937& random) {
  SCOPED_TRACE(testing::Message() << ta << tb << " " << m << " " << n << " " << k << " beta " << beta);
  const int lda = (ta ? k : m) + kGap;
  const int ldb = (tb ? n : k) + kGap;
  const int ldc = m + kGap;
  const auto a = Numbers(ta ? m : k, lda, random);
  const auto b = Numbers(tb ? k : n, ldb, random);
  const auto old = Numbers(n, ldc, random);
  auto c = old;
  MultiplyPanels({ta, tb, m, n, k, 0.75F, a.data(), lda, b.data(), ldb, beta, c.data(), ldc});
  for (int col = 0; col < n; col++) {
    for (int row = 0; row < ldc; row++) {
      double expected = At(old, false, ldc, row, col);
      if (row < m) {
        expected *= static_cast<double>(beta);
        for (int i = 0; i < k; i++) {
          expected += 0.75 * At(a, ta, lda, row, i) * At(b, tb, ldb, i, col);
        }
      }
      ASSERT_NEAR(At(c, false, ldc, row, col), expected, 1e-6 * (5 + std::sqrt(k)))
          << "element " << row << ", " << col;
    }
  }
}

TEST(PanelsTest, EveryShapeEqualsTheSumInDoubleAndNothingElseIsWritten) {
  if (!HasPanels()) {
    GTEST_SKIP() << "no AVX-512";
  }
  std::mt19937 random(20230130);
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const float beta : {0.0F, 1.0F, -0.5F}) {
        Check(ta, tb, 1, 1, 1, beta, random);
        Check(ta, tb, 47, 7, 15, beta, random);
        Check(ta, tb, 48, 8, 16, beta, random);
        Check(ta, tb, 97, 25, 33, beta, random);
        Check(ta, tb, 481, 9, 40, beta, random);
        Check(ta, tb, 49, 2050, 17, beta, random);
        Check(ta, tb, 50, 10, 1159, beta, random);
      }
    }
  }
}

TEST(PanelsTest, WithoutBetaTheOldResultIsNotRead) {
  if (!HasPanels()) {
    GTEST_SKIP() << "no AVX-512";
  }
  std::mt19937 random(6);
  const auto a = Numbers(100, 500, random);
  const auto b = Numbers(30, 500, random);
  std::vector<float> c(100 * 30, NAN);
  MultiplyPanels({true, false, 100, 30, 500, 1, a.data(), 500, b.data(), 500, 0, c.data(), 100});
  for (const float number : c) {
    EXPECT_FALSE(std::isnan(number));
  }
}

}  // namespace
}  // namespace lavis4j
