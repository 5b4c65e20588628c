#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "panels.h"
#include "tiles.h"

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

// A way to compute large products, which the processor may lack.
struct Way {
  const char* name;
  bool (*has)();
  void (*multiply)(const Gemm<float>&);
};

class PackedProductTest : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    if (!GetParam().has()) {
      GTEST_SKIP() << "this processor has no " << GetParam().name;
    }
  }
};

void Check(const Way& way, bool ta, bool tb, int m, int n, int k, float beta, std::mt19937& random) {
  SCOPED_TRACE(testing::Message() << ta << tb << " " << m << " " << n << " " << k << " beta " << beta);
  const int lda = (ta ? k : m) + kGap;
  const int ldb = (tb ? n : k) + kGap;
  const int ldc = m + kGap;
  const auto a = Numbers(ta ? m : k, lda, random);
  const auto b = Numbers(tb ? k : n, ldb, random);
  const auto old = Numbers(n, ldc, random);
  auto c = old;
  way.multiply({ta, tb, m, n, k, 0.75F, a.data(), lda, b.data(), ldb, beta, c.data(), ldc});
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

TEST_P(PackedProductTest, EveryShapeEqualsTheSumInDoubleAndNothingElseIsWritten) {
  std::mt19937 random(20230130);
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const float beta : {0.0F, 1.0F, -0.5F}) {
        for (const auto& [m, n, k] : {std::array{1, 1, 1}, {47, 7, 15}, {48, 8, 16}, {97, 25, 33},
                                      {481, 9, 40}, {49, 2050, 17}, {50, 10, 1159}, {17, 33, 64}}) {
          Check(GetParam(), ta, tb, m, n, k, beta, random);
        }
      }
    }
  }
}

// Up to 320 columns the larger matrix is read as it lies: strips of 48 rows, of which the last
// begins in the one before, with tiles of 64, 48, 32 or 8 columns.
TEST_P(PackedProductTest, FewColumnsEqualTheSumInDoubleAndNothingElseIsWritten) {
  std::mt19937 random(11);
  for (const bool ta : {false, true}) {
    for (const float beta : {0.0F, 1.0F, -0.5F}) {
      for (const auto& [m, n, k] : {std::array{48, 16, 1}, {49, 17, 7}, {95, 33, 8}, {96, 48, 24},
                                    {65, 64, 16}, {100, 79, 385}, {97, 96, 33}, {130, 128, 770},
                                    {58, 145, 20}, {71, 319, 9}, {50, 320, 40}, {50, 321, 40}}) {
        Check(GetParam(), ta, false, m, n, k, beta, random);
      }
    }
  }
}

TEST_P(PackedProductTest, AMatrixMayBeMultipliedWithItself) {
  constexpr int kEdge = 100;
  constexpr int kDepth = 400;
  std::mt19937 random(12);
  const auto a = Numbers(kEdge, kDepth, random);
  std::vector<float> c(kEdge * kEdge);
  GetParam().multiply({true, false, kEdge, kEdge, kDepth, 1, a.data(), kDepth, a.data(), kDepth, 0,
                       c.data(), kEdge});
  for (int col = 0; col < kEdge; col++) {
    for (int row = 0; row < kEdge; row++) {
      double sum = 0;
      for (int i = 0; i < kDepth; i++) {
        sum += At(a, true, kDepth, row, i) * At(a, true, kDepth, col, i);
      }
      ASSERT_NEAR(At(c, false, kEdge, row, col), sum, 2e-4) << row << ", " << col;
    }
  }
}

TEST_P(PackedProductTest, WithoutBetaTheOldResultIsNotRead) {
  std::mt19937 random(6);
  const auto a = Numbers(100, 500, random);
  const auto b = Numbers(30, 500, random);
  std::vector<float> c(100 * 30, NAN);
  GetParam().multiply(
      {true, false, 100, 30, 500, 1, a.data(), 500, b.data(), 500, 0, c.data(), 100});
  for (const float number : c) {
    EXPECT_FALSE(std::isnan(number));
  }
}

TEST_P(PackedProductTest, InfinitiesAndTheGreatestNumbersComeThrough) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kGreatest = std::numeric_limits<float>::max();
  for (const bool transposed : {true, false}) {
    std::vector<float> a(100 * 64, 1);
    const std::vector<float> b(30 * 64, 0.5F);
    const size_t row = transposed ? 64 : 1;
    a[0] = kInfinity;
    a[row] = kGreatest;
    a[2 * row] = NAN;
    a[3 * row] = -kInfinity;
    a[99 * row] = kInfinity;
    std::vector<float> c(100 * 30);
    GetParam().multiply({transposed, false, 100, 30, 64, 1, a.data(), transposed ? 64 : 100,
                         b.data(), 64, 0, c.data(), 100});
    for (size_t col = 0; col < 30; col++) {
      EXPECT_EQ(c[col * 100], kInfinity);
      EXPECT_EQ(c[col * 100 + 1], kGreatest / 2);
      EXPECT_TRUE(std::isnan(c[col * 100 + 2]));
      EXPECT_EQ(c[col * 100 + 3], -kInfinity);
      EXPECT_EQ(c[col * 100 + 4], 32);
      EXPECT_EQ(c[col * 100 + 98], 32);
      EXPECT_EQ(c[col * 100 + 99], kInfinity);
    }
  }
}

// Numbers whose last digits count: 1 + 2^-23 times itself, less one.
TEST_P(PackedProductTest, TheLastDigitOfANumberCounts) {
  std::vector<float> a(100 * 64);
  std::vector<float> b(30 * 64);
  for (size_t i = 0; i < a.size(); i += 64) {
    a[i] = 1 + 0x1p-23F;
    a[i + 1] = -1;
  }
  for (size_t i = 0; i < b.size(); i += 64) {
    b[i] = 1;
    b[i + 1] = 1;
  }
  std::vector<float> c(100 * 30);
  GetParam().multiply({true, false, 100, 30, 64, 1, a.data(), 64, b.data(), 64, 0, c.data(), 100});
  for (const float number : c) {
    EXPECT_EQ(number, 0x1p-23F);
  }
}

// The mean square error against sums in double, whatever adds up the products, is below that of
// adding one product after the other in float.
TEST_P(PackedProductTest, ErrorsAreThoseOfFloat) {
  constexpr int kEdge = 64;
  constexpr int kDepth = 3072;
  std::mt19937 random(7);
  const auto a = Numbers(kEdge, kDepth, random);
  const auto b = Numbers(kEdge, kDepth, random);
  std::vector<float> c(kEdge * kEdge);
  GetParam().multiply({true, false, kEdge, kEdge, kDepth, 1, a.data(), kDepth, b.data(), kDepth, 0,
                       c.data(), kEdge});
  double ours = 0;
  double plain = 0;
  for (int col = 0; col < kEdge; col++) {
    for (int row = 0; row < kEdge; row++) {
      double exact = 0;
      float sum = 0;
      for (int i = 0; i < kDepth; i++) {
        exact += At(a, true, kDepth, row, i) * At(b, false, kDepth, i, col);
        sum += static_cast<float>(At(a, true, kDepth, row, i) * At(b, false, kDepth, i, col));
      }
      ours += std::pow(At(c, false, kEdge, row, col) - exact, 2);
      plain += std::pow(static_cast<double>(sum) - exact, 2);
    }
  }
  EXPECT_LT(ours, plain);
}

TEST_P(PackedProductTest, ARowDoesNotDependOnItsCompany) {
  std::mt19937 random(8);
  const auto a = Numbers(200, 1000, random);
  const auto b = Numbers(330, 1000, random);
  for (const auto& [transposed, beta] :
       {std::pair{true, 0.0F}, {false, 0.0F}, {true, 3.0F}, {false, 3.0F}}) {
    const auto multiply = [&, transposed = transposed, beta = beta](int first, int cols) {
      std::vector<float> c(static_cast<size_t>(200 * cols), 0.7F);
      GetParam().multiply({transposed, false, 200, cols, 1000, 1, a.data(), transposed ? 1000 : 200,
                           b.data() + first * 1000, 1000, beta, c.data(), 200});
      return c;
    };
    const auto all = multiply(0, 330);
    for (const auto& [first, cols] : {std::array{0, 1}, {1, 70}, {16, 1}, {37, 128}, {329, 1}}) {
      const auto some = multiply(first, cols);
      EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * 200))
          << cols << " rows from " << first << ", beta " << beta;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, PackedProductTest,
                         testing::Values(Way{"Panels", HasPanels, MultiplyPanels},
                                         Way{"Tiles", HasTiles, MultiplyTiles}),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace lavis4j
