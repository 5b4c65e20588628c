// Several threads at once, each with its own buffers, as a loader's workers are.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "files.h"
#include "lavis4j/image.h"

namespace lavis4j {
namespace {

struct Work {
  File file;
  lavis4j_image_plan plan;
  std::vector<uint8_t> expected;
};

std::vector<Work> EveryKindOfWork() {
  std::vector<Work> work;
  for (uint32_t seed = 0; seed < 3; seed++) {
    const Rgb image = RandomImage(60 + 7 * static_cast<int>(seed), 40, seed);
    for (const File& file : {Jpeg(image, {2, 2, false, 0}), Jpeg(image, {1, 1, true, 0}),
                             Png(image, false), Png(image, true)}) {
      const lavis4j_image_plan plan{{3, 1, 50, 33}, 24, 24,      {0, 0, 24, 24},
                                    seed == 1,      0,  nullptr, 0};
      Work one{file, plan, {}};
      lavis4j_image_message message;
      EXPECT_EQ(LoadRgb8(file, plan, one.expected, message), LAVIS4J_IMAGE_OK);
      work.push_back(one);
    }
    File cut = Jpeg(image, {2, 2, false, 0});
    cut.resize(cut.size() / 2);
    work.push_back({cut, {{3, 1, 50, 33}, 24, 24, {0, 0, 24, 24}, 0, 0, nullptr, 0}, {}});
  }
  return work;
}

TEST(Threads, DoNotSeeEachOther) {
  const std::vector<Work> work = EveryKindOfWork();
  const auto all = [&work](size_t first) {
    for (size_t i = 0; i < 20 * work.size(); i++) {
      const Work& one = work[(first + i) % work.size()];
      std::vector<uint8_t> out;
      lavis4j_image_message message;
      const lavis4j_image_status status = LoadRgb8(one.file, one.plan, out, message);
      if (one.expected.empty()) {
        ASSERT_EQ(status, LAVIS4J_IMAGE_BROKEN);
      } else {
        ASSERT_EQ(out, one.expected);
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; i++) {
    threads.emplace_back(all, 3 * i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace lavis4j
