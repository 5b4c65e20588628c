// Files that would like to fill the memory: an error, in a process that has little to spare.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "files.h"
#include "lavis4j/image.h"

namespace lavis4j {
namespace {

constexpr rlim_t kToSpare = 24 << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

// So much more than this process has now.
void LimitMemory() {
  unsigned long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) {
    std::exit(100);
  }
  std::fclose(file);
  const rlim_t limit = static_cast<rlim_t>(pages) * 4096 + kToSpare;
  const rlimit limits{limit, limit};
  if (setrlimit(RLIMIT_AS, &limits) != 0) {
    std::exit(101);
  }
}

// Ends this process with the status; the message goes to standard error.
void LoadWithLittleMemory(const File& file) {
  LimitMemory();
  std::vector<uint8_t> out;
  lavis4j_image_message message;
  const lavis4j_image_status status = LoadRgb8(file, Whole(1, 1), out, message);
  std::fputs(message.text, stderr);
  std::exit(status);
}

void ExpectStatus(const File& file, int status, const std::string& message) {
  EXPECT_EXIT(LoadWithLittleMemory(file), testing::ExitedWithCode(status), message);
}

class Memory : public testing::Test {
 protected:
  void SetUp() override {
    if (!kMemoryIsOurs) {
      GTEST_SKIP() << "a sanitizer reserves memory of its own";
    }
  }
};

TEST_F(Memory, AHeaderThatClaimsTooMuchCostsNothing) {
  ExpectStatus(JpegOfClaim(60000, 60000, false), LAVIS4J_IMAGE_BROKEN, "claims 60000 x 60000");
  ExpectStatus(PngOfClaim(60000, 60000, false), LAVIS4J_IMAGE_BROKEN, "claims 60000 x 60000");
}

TEST_F(Memory, AFileWithoutTheDataForItsPixelsCostsNothing) {
  ExpectStatus(JpegOfClaim(13000, 13000, true), LAVIS4J_IMAGE_BROKEN, "cut off");
  ExpectStatus(PngOfClaim(13000, 13000, false), LAVIS4J_IMAGE_BROKEN, "cut off");
  ExpectStatus(PngOfClaim(13000, 13000, true), LAVIS4J_IMAGE_BROKEN, "cut off");
  ExpectStatus(PngOfClaim(178956970, 1, false), LAVIS4J_IMAGE_BROKEN, "cut off");
}

TEST_F(Memory, ScansWithoutEndAreRefused) {
  const Rgb image = RandomImage(9, 9, 1);
  ExpectStatus(JpegOfScans(image, 100), LAVIS4J_IMAGE_OK, "");
  ExpectStatus(JpegOfScans(image, 600), LAVIS4J_IMAGE_BROKEN, "more than 500 scans");
}

TEST_F(Memory, ATextThatInflatesIsNotRead) {
  ExpectStatus(PngWithText(RandomImage(8, 8, 1), size_t{1} << 26), LAVIS4J_IMAGE_OK, "");
}

TEST_F(Memory, RowsThatTheHeaderDoesNotHaveAreNotRead) {
  ExpectStatus(PngOfLessHeight(Rgb{4000, 5000, std::vector<uint8_t>(4000 * 5000 * 3)}, 1),
               LAVIS4J_IMAGE_OK, "");
}

}  // namespace
}  // namespace lavis4j
