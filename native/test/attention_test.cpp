#include "attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace lavis4j {
namespace {

struct Named {
  std::string name;
  const AttentionKernel* kernel;
};

std::vector<Named> Kernels() {
  std::vector<Named> kernels{{"plain", &kPlainAttention}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back({"avx2", &kAvx2Attention});
  }
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back({"avx512", &kAvx512Attention});
  }
#endif
  return kernels;
}

constexpr float kDropped = 0.25F;
constexpr float kKept = 1 / (1 - kDropped);

// (B, H, R, d) in memory (B, R, H, d) with a gap after each row of all heads.
struct Tensor {
  int64_t batches;
  int64_t heads;
  int64_t rows;
  int64_t width;
  std::vector<float> values;

  Tensor(int64_t b, int64_t h, int64_t r, int64_t d)
      : batches(b), heads(h), rows(r), width(d), values(static_cast<size_t>(b * r * Row()), NAN) {}

  int64_t Row() const { return heads * width + 3; }

  lavis4j_heads View() { return {values.data(), rows * Row(), width, Row()}; }

  float& At(int64_t b, int64_t h, int64_t r, int64_t i) {
    return values[static_cast<size_t>((b * rows + r) * Row() + h * width + i)];
  }

  void Draw(std::mt19937& random, float size = 1) {
    std::normal_distribution<float> normal(0, size);
    for (float& value : values) {
      value = normal(random);
    }
  }
};

struct Shape {
  int64_t batches;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t width;
};

enum class Mask { kNone, kOfKeys, kWhole, kTransposed };

// A case with its results in double precision.
struct Case {
  Shape s;
  Tensor q, k, v, dy;
  std::vector<float> mask;
  Mask kind;
  std::vector<float> factors;
  std::vector<double> y, dq, dk, dv;  // (B, H, R, d)

  Case(Shape shape, Mask masked, unsigned seed)
      : s(shape),
        q(s.batches, s.heads, s.queries, s.width),
        k(s.batches, s.heads, s.keys, s.width),
        v(s.batches, s.heads, s.keys, s.width),
        dy(s.batches, s.heads, s.queries, s.width),
        mask(static_cast<size_t>(s.batches * s.queries * s.keys)),
        kind(masked),
        factors(static_cast<size_t>(s.batches * s.heads * s.queries * s.keys)) {
    std::mt19937 random(seed);
    for (Tensor* tensor : {&q, &k, &v, &dy}) {
      tensor->Draw(random);
    }
    for (float& value : mask) {
      value = random() % 5 == 0 ? -1e4F : static_cast<float>(random() % 100) / 50;
    }
    for (float& factor : factors) {
      factor = random() % 4 == 0 ? 0 : kKept;
    }
    Compute();
  }

  lavis4j_attention_mask View() const {
    switch (kind) {
      case Mask::kNone:
        return {nullptr, 0, 0, 0, 0};
      case Mask::kOfKeys:
        return {mask.data(), s.keys, 0, 0, 1};
      case Mask::kWhole:
        return {mask.data(), s.queries * s.keys, 0, s.keys, 1};
      case Mask::kTransposed:
        return {mask.data(), s.queries * s.keys, 0, 1, s.queries};
    }
    return {nullptr, 0, 0, 0, 0};
  }

  float Scale() const { return 1 / std::sqrt(static_cast<float>(s.width)); }

  lavis4j_attention Of(std::vector<float>* weights, int32_t threads) {
    return {s.batches, s.heads,  s.queries, s.keys,   s.width,
            Scale(),   kKept,    q.View(),  k.View(), v.View(),
            View(),    weights == nullptr ? nullptr : weights->data(), threads};
  }

  void Compute() {
    const auto of_queries = static_cast<size_t>(s.batches * s.heads * s.queries * s.width);
    const auto of_keys = static_cast<size_t>(s.batches * s.heads * s.keys * s.width);
    y.assign(of_queries, 0);
    dq.assign(of_queries, 0);
    dk.assign(of_keys, 0);
    dv.assign(of_keys, 0);
    for (int64_t b = 0; b < s.batches; b++) {
      for (int64_t h = 0; h < s.heads; h++) {
        for (int64_t n = 0; n < s.queries; n++) {
          Query(b, h, n);
        }
      }
    }
  }

  void Query(int64_t b, int64_t h, int64_t n) {
    const auto keys = static_cast<size_t>(s.keys);
    const auto masked = View();
    std::vector<double> w(keys);
    std::vector<double> dw(keys);
    double most = -INFINITY;
    for (int64_t m = 0; m < s.keys; m++) {
      double score = 0;
      for (int64_t i = 0; i < s.width; i++) {
        score += static_cast<double>(q.At(b, h, n, i)) * static_cast<double>(k.At(b, h, m, i));
      }
      score *= static_cast<double>(Scale());
      if (masked.data != nullptr) {
        score += static_cast<double>(
            masked.data[b * masked.batch + n * masked.row + m * masked.column]);
      }
      w[static_cast<size_t>(m)] = score;
      most = std::max(most, score);
    }
    double sum = 0;
    for (double& each : w) {
      each = std::exp(each - most);
      sum += each;
    }
    const auto head = static_cast<size_t>(b * s.heads + h);
    const size_t at = head * static_cast<size_t>(s.queries) + static_cast<size_t>(n);
    const auto width = static_cast<size_t>(s.width);
    double mean = 0;
    for (size_t m = 0; m < keys; m++) {
      w[m] /= sum;
      const auto factor = static_cast<double>(factors[at * keys + m]);
      for (size_t i = 0; i < width; i++) {
        const auto g = static_cast<double>(dy.At(b, h, n, static_cast<int64_t>(i)));
        const auto value = static_cast<double>(
            v.At(b, h, static_cast<int64_t>(m), static_cast<int64_t>(i)));
        y[at * width + i] += w[m] * factor * value;
        dv[(head * keys + m) * width + i] += w[m] * factor * g;
        dw[m] += factor * g * value;
      }
      mean += w[m] * dw[m];
    }
    for (size_t m = 0; m < keys; m++) {
      const double score = w[m] * (dw[m] - mean) * static_cast<double>(Scale());
      for (size_t i = 0; i < width; i++) {
        const auto key = static_cast<int64_t>(m);
        const auto column = static_cast<int64_t>(i);
        dq[at * width + i] += score * static_cast<double>(k.At(b, h, key, column));
        dk[(head * keys + m) * width + i] += score * static_cast<double>(q.At(b, h, n, column));
      }
    }
  }
};

void ExpectNear(Tensor& actual, const std::vector<double>& expected, const std::string& what) {
  double most = 0.1;  // where all cancel out, what is left is rounding of numbers near 1
  for (const double value : expected) {
    most = std::max(most, std::abs(value));
  }
  size_t at = 0;
  for (int64_t b = 0; b < actual.batches; b++) {
    for (int64_t h = 0; h < actual.heads; h++) {
      for (int64_t r = 0; r < actual.rows; r++) {
        for (int64_t i = 0; i < actual.width; i++, at++) {
          ASSERT_NEAR(static_cast<double>(actual.At(b, h, r, i)), expected[at], 2e-6 * most)
              << what << " of batch " << b << ", head " << h << ", row " << r << ", column " << i;
        }
      }
    }
  }
  for (size_t gap = static_cast<size_t>(actual.heads * actual.width); gap < actual.values.size();
       gap += static_cast<size_t>(actual.Row())) {
    ASSERT_TRUE(std::isnan(actual.values[gap])) << what << " is written beside its rows";
  }
}

struct Results {
  Tensor y, dq, dk, dv;
  std::vector<float> weights;

  Results(Case& c, const AttentionKernel& kernel, int32_t threads)
      : y(c.s.batches, c.s.heads, c.s.queries, c.s.width),
        dq(y),
        dk(c.s.batches, c.s.heads, c.s.keys, c.s.width),
        dv(dk),
        weights(c.factors) {
    weights.push_back(-7);
    auto attention = c.Of(&weights, threads);
    AttendForward(kernel, attention, y.View());
    AttendBackward(kernel, attention, {c.dy.View(), dq.View(), dk.View(), dv.View()});
    EXPECT_EQ(weights.back(), -7) << "weights end where they should";
  }
};

TEST(Attention, IsThatOfTheDefinitionWithItsGradients) {
  const Shape shapes[] = {{2, 3, 32, 257, 64}, {1, 2, 32, 32, 64}, {2, 2, 7, 11, 8},
                          {1, 1, 1, 1, 1},     {1, 2, 33, 13, 5},  {1, 1, 70, 40, 88},
                          {1, 3, 15, 6, 20},   {2, 1, 49, 9, 97},  {1, 1, 3, 300, 31}};
  unsigned seed = 0;
  for (const Shape& shape : shapes) {
    for (const Mask mask : {Mask::kNone, Mask::kOfKeys, Mask::kWhole, Mask::kTransposed}) {
      Case c(shape, mask, ++seed);
      for (const auto& [name, kernel] : Kernels()) {
        const std::string what = name + " (seed " + std::to_string(seed) + ")";
        Results results(c, *kernel, 1);
        ExpectNear(results.y, c.y, what + " y");
        ExpectNear(results.dq, c.dq, what + " dq");
        ExpectNear(results.dk, c.dk, what + " dk");
        ExpectNear(results.dv, c.dv, what + " dv");
      }
    }
  }
}

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Attention, IsTheSameOnAnyNumberOfThreads) {
  Case c({4, 6, 40, 90, 64}, Mask::kNone, 3);
  for (const auto& [name, kernel] : Kernels()) {
    const Results alone(c, *kernel, 1);
    for (const int32_t threads : {2, 3, 8}) {
      const Results together(c, *kernel, threads);
      EXPECT_TRUE(SameBits(together.y.values, alone.y.values)) << name << " on " << threads;
      EXPECT_TRUE(SameBits(together.dq.values, alone.dq.values)) << name << " on " << threads;
      EXPECT_TRUE(SameBits(together.dk.values, alone.dk.values)) << name << " on " << threads;
      EXPECT_TRUE(SameBits(together.dv.values, alone.dv.values)) << name << " on " << threads;
      EXPECT_TRUE(SameBits(together.weights, alone.weights)) << name << " on " << threads;
    }
  }
}

TEST(Attention, WithoutDropoutNeedsNoWeights) {
  Case c({2, 2, 45, 45, 24}, Mask::kOfKeys, 4);
  std::fill(c.factors.begin(), c.factors.end(), 1.0F);
  c.Compute();
  for (const auto& [name, kernel] : Kernels()) {
    Tensor y(c.s.batches, c.s.heads, c.s.queries, c.s.width);
    AttendForward(*kernel, c.Of(nullptr, 2), y.View());
    ExpectNear(y, c.y, name);
  }
}

TEST(Attention, LeavesOutGradientsThatAreNotWanted) {
  Case c({1, 2, 40, 21, 12}, Mask::kNone, 5);
  for (const auto& [name, kernel] : Kernels()) {
    Results all(c, *kernel, 1);
    const lavis4j_heads none{nullptr, 0, 0, 0};
    for (int wanted = 0; wanted < 3; wanted++) {
      Tensor dq(1, 2, 40, 12);
      Tensor dk(1, 2, 21, 12);
      Tensor dv(dk);
      AttendBackward(*kernel, c.Of(&all.weights, 1),
                     {c.dy.View(), wanted == 0 ? dq.View() : none, wanted == 1 ? dk.View() : none,
                      wanted == 2 ? dv.View() : none});
      const Tensor* results[] = {&dq, &dk, &dv};
      const Tensor* expected[] = {&all.dq, &all.dk, &all.dv};
      EXPECT_TRUE(SameBits(results[wanted]->values, expected[wanted]->values)) << name;
    }
  }
}

// A mask of -infinity hides keys exactly; scores that differ much, and those that are not finite,
// are those of a softmax.
TEST(Attention, HidesKeysExactlyAndHandsOnWhatIsNotFinite) {
  for (const auto& [name, kernel] : Kernels()) {
    Case c({1, 1, 5, 9, 8}, Mask::kOfKeys, 6);
    std::fill(c.mask.begin(), c.mask.end(), 0.0F);
    c.mask[2] = -std::numeric_limits<float>::infinity();
    c.mask[4] = -200;
    Tensor y(1, 1, 5, 8);
    AttendForward(*kernel, c.Of(nullptr, 1), y.View());
    for (const int64_t key : {2, 4}) {
      for (int64_t i = 0; i < 8; i++) {
        c.v.At(0, 0, key, i) = 1e30F;
      }
    }
    Tensor again(1, 1, 5, 8);
    AttendForward(*kernel, c.Of(nullptr, 1), again.View());
    EXPECT_TRUE(SameBits(again.values, y.values)) << name;

    c.q.At(0, 0, 3, 1) = NAN;
    AttendForward(*kernel, c.Of(nullptr, 1), again.View());
    for (int64_t n = 0; n < 5; n++) {
      EXPECT_EQ(std::isnan(again.At(0, 0, n, 0)), n == 3) << name << ", query " << n;
    }
    std::fill(c.mask.begin(), c.mask.end(), -std::numeric_limits<float>::infinity());
    AttendForward(*kernel, c.Of(nullptr, 1), again.View());
    EXPECT_TRUE(std::isnan(again.At(0, 0, 0, 0))) << name;
  }
}

// Of two keys the weight of the one is 1 / (1 + e^x).
TEST(Attention, ExponentialsAreExactToFloat) {
  for (const auto& [name, kernel] : Kernels()) {
    for (float x = -80; x < 80; x += 0.37F) {
      Case c({1, 1, 1, 2, 1}, Mask::kNone, 7);
      c.q.At(0, 0, 0, 0) = 1;
      c.k.At(0, 0, 0, 0) = 0;
      c.k.At(0, 0, 1, 0) = x;
      c.v.At(0, 0, 0, 0) = 1;
      c.v.At(0, 0, 1, 0) = 0;
      Tensor y(1, 1, 1, 1);
      AttendForward(*kernel, c.Of(nullptr, 1), y.View());
      const double expected = 1 / (1 + std::exp(static_cast<double>(x)));
      EXPECT_NEAR(static_cast<double>(y.At(0, 0, 0, 0)) / expected, 1, 3e-7) << name << ", x " << x;
    }
  }
}

}  // namespace
}  // namespace lavis4j
