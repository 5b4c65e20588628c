#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "checked_product.h"

namespace lavis4j {
namespace {

// A layer's operands, and the product and passes over it that the layer must equal bit for bit, or
// with GELU, which is compared in double, to the last digits.
class Dense {
 public:
  Dense(int rows, int depth, int outputs, std::mt19937& random)
      : rows_(rows),
        depth_(depth),
        outputs_(outputs),
        x_(Normal<float>(At(0, rows, depth), random)),
        weights_(Normal<float>(At(0, outputs, depth), random)),
        bias_(Normal<float>(At(outputs, 0, 0), random)),
        residual_(Normal<float>(At(0, rows, outputs), random)) {}

  void Check(bool has_bias, bool has_residual, int32_t activation) const {
    SCOPED_TRACE(testing::Message() << rows_ << " rows of " << depth_ << " to " << outputs_
                                    << ", bias " << has_bias << ", residual " << has_residual
                                    << ", activation " << activation);
    constexpr float kUnset = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> y(residual_.size(), kUnset);
    const lavis4j_blas_layer layer{rows_,
                                   depth_,
                                   outputs_,
                                   x_.data(),
                                   weights_.data(),
                                   has_bias ? bias_.data() : nullptr,
                                   has_residual ? residual_.data() : nullptr,
                                   activation,
                                   y.data()};
    ASSERT_EQ(lavis4j_blas_dense(&layer), LAVIS4J_BLAS_OK);

    std::vector<float> expected(residual_.size(), kUnset);
    for (int row = 0; row < rows_ && has_bias; row++) {
      std::copy(bias_.begin(), bias_.end(), expected.begin() + row * outputs_);
    }
    CallGemm('T', 'N', outputs_, rows_, depth_, 1.0F, weights_.data(), depth_, x_.data(), depth_,
             has_bias ? 1.0F : 0.0F, expected.data(), outputs_);
    for (size_t i = 0; i < expected.size(); i++) {
      const float added = has_residual ? residual_[i] : 0.0F;
      if (activation == LAVIS4J_BLAS_GELU) {
        const auto sum = static_cast<double>(expected[i]);
        const double gelu = sum * std::erfc(-sum * std::sqrt(0.5)) / 2;
        const double size = std::abs(gelu) + std::abs(static_cast<double>(added));
        ASSERT_NEAR(static_cast<double>(y[i]), gelu + static_cast<double>(added),
                    4e-8 + 2e-7 * size)
            << "at " << i;
        continue;
      }
      if (activation == LAVIS4J_BLAS_RELU) {
        expected[i] = std::max(0.0F, expected[i]);
      }
      ASSERT_EQ(y[i], expected[i] + added) << "at " << i;
    }
  }

 private:
  int rows_;
  int depth_;
  int outputs_;
  std::vector<float> x_;
  std::vector<float> weights_;
  std::vector<float> bias_;
  std::vector<float> residual_;
};

class DenseTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_EQ(lavis4j_blas_init(TEST_BLAS), LAVIS4J_BLAS_OK); }
};

TEST_F(DenseTest, EqualsAProductAndPassesOverIt) {
  std::mt19937 random(7);
  for (const int threads : {1, 2, 3}) {
    const Threads team(threads);
    for (const auto& [rows, depth, outputs] :
         {std::array{1, 1, 1}, {1, 300, 1}, {5, 300, 1}, {1, 64, 50}, {3, 20, 300}, {5, 768, 301},
          {40, 257, 97}, {41, 385, 130}, {64, 100, 96}, {257, 400, 257}, {330, 800, 333},
          {700, 70, 491}, {600, 3, 5}}) {
      const Dense dense(rows, depth, outputs, random);
      for (const bool has_bias : {false, true}) {
        for (const bool has_residual : {false, true}) {
          for (const int32_t activation :
               {LAVIS4J_BLAS_NO_ACTIVATION, LAVIS4J_BLAS_RELU, LAVIS4J_BLAS_GELU}) {
            dense.Check(has_bias, has_residual, activation);
          }
        }
      }
    }
  }
}

TEST_F(DenseTest, EqualsThemInsideARegionAndAfterTheRelease) {
  std::mt19937 random(7);
  const Dense dense(257, 400, 257, random);
#pragma omp parallel num_threads(2)
  dense.Check(true, true, LAVIS4J_BLAS_GELU);
  ASSERT_EQ(lavis4j_blas_release(), LAVIS4J_BLAS_OK);
  dense.Check(true, true, LAVIS4J_BLAS_GELU);
  ASSERT_EQ(lavis4j_blas_init(TEST_BLAS), LAVIS4J_BLAS_OK);
}

TEST_F(DenseTest, RefusesWhatIsMissingOrOverlaps) {
  std::vector<float> numbers(100, 1.0F);
  float* const x = numbers.data();
  const lavis4j_blas_layer good{2, 3, 4, x, x + 6, x + 18, x + 22, LAVIS4J_BLAS_GELU, x + 30};
  EXPECT_EQ(lavis4j_blas_dense(&good), LAVIS4J_BLAS_OK);
  const auto refused = [&good](auto change) {
    lavis4j_blas_layer bad = good;
    change(bad);
    EXPECT_EQ(lavis4j_blas_dense(&bad), LAVIS4J_BLAS_BAD_ARGUMENT);
  };
  EXPECT_EQ(lavis4j_blas_dense(nullptr), LAVIS4J_BLAS_BAD_ARGUMENT);
  refused([](lavis4j_blas_layer& l) { l.rows = 0; });
  refused([](lavis4j_blas_layer& l) { l.depth = -1; });
  refused([](lavis4j_blas_layer& l) { l.outputs = int64_t{1} << 31; });
  refused([](lavis4j_blas_layer& l) { l.x = nullptr; });
  refused([](lavis4j_blas_layer& l) { l.weights = nullptr; });
  refused([](lavis4j_blas_layer& l) { l.y = nullptr; });
  refused([](lavis4j_blas_layer& l) { l.activation = 4; });
  refused([](lavis4j_blas_layer& l) { l.activation = -1; });
  refused([x](lavis4j_blas_layer& l) { l.y = x + 5; });
  refused([x](lavis4j_blas_layer& l) { l.residual = x + 30; });
  refused([x](lavis4j_blas_layer& l) { l.residual = x + 37; });
  refused([x](lavis4j_blas_layer& l) { l.bias = x + 27; });
}

}  // namespace
}  // namespace lavis4j
