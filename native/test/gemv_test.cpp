#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "checked_product.h"

namespace lavis4j {
namespace {

template <typename T>
class GemvTest : public testing::Test {};
TYPED_TEST_SUITE(GemvTest, Precisions, );

// y = 2 A x - y with rows and columns that tell their index, so that any stride shows.
template <typename T>
void CheckGemv(char trans, int incx, int incy) {
  constexpr int kRows = 700;
  constexpr int kCols = 400;
  constexpr int kLda = 703;
  const int inputs = IsNo(trans) ? kCols : kRows;
  const int outputs = IsNo(trans) ? kRows : kCols;
  std::mt19937 random(11);
  const auto a = Normal<T>(At(0, kCols, kLda), random);
  const auto x = Normal<T>(At(0, inputs, std::abs(incx)), random);
  auto y = Normal<T>(At(0, outputs, std::abs(incy)), random);
  const auto before = y;

  CallGemv(trans, kRows, kCols, T{2}, a.data(), kLda, x.data(), incx, T{-1}, y.data(), incy);

  // A negative stride walks the vector from its end.
  const auto place = [](int index, int size, int inc) {
    return At(0, inc > 0 ? index : size - 1 - index, std::abs(inc));
  };
  constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  for (int i = 0; i < outputs; i++) {
    double sum = 0;
    double size = 0;
    for (int l = 0; l < inputs; l++) {
      const double product = static_cast<double>(a[IsNo(trans) ? At(i, l, kLda) : At(l, i, kLda)]) *
                             static_cast<double>(x[place(l, inputs, incx)]);
      sum += product;
      size += std::abs(product);
    }
    const double old = static_cast<double>(before[place(i, outputs, incy)]);
    ASSERT_NEAR(static_cast<double>(y[place(i, outputs, incy)]), 2 * sum - old,
                (inputs + 4) * kEpsilon * (2 * size + std::abs(old)))
        << trans << " incx " << incx << " incy " << incy << " at " << i;
  }
}

TYPED_TEST(GemvTest, EveryStrideIsRight) {
  for (int threads : {1, 2, 5}) {
    const Threads scope(threads);
    for (char trans : {'n', 'T', 'c'}) {
      for (int incx : {1, 3, -1, -2}) {
        for (int incy : {1, 2, -1, -3}) {
          CheckGemv<TypeParam>(trans, incx, incy);
        }
      }
    }
  }
}

TYPED_TEST(GemvTest, AnEmptyMatrixLeavesTheResultAlone) {
  std::vector<TypeParam> y(3, 5);
  const TypeParam x = 1;
  CallGemv('n', 0, 3, TypeParam{1}, &x, 1, &x, 1, TypeParam{0}, y.data(), 1);
  EXPECT_EQ(y, std::vector<TypeParam>(3, 5));
}

}  // namespace
}  // namespace lavis4j
