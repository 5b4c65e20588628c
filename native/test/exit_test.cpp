// The end of a process whose libraries have destructors.
#include "lavis4j/exit.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace {

void Destructor() { std::fputs("destructor\n", stderr); }

void End(int status, bool without) {
  std::atexit(Destructor);
  if (without && lavis4j_exit_without_destructors() != 1) {
    std::abort();
  }
  std::fputs("end\n", stderr);
  std::exit(status);
}

TEST(Exit, RunsDestructorsByItself) {
  EXPECT_EXIT(End(7, false), testing::ExitedWithCode(7), "^end\ndestructor\n$");
}

TEST(Exit, HasTheStatusAndRunsNoDestructorWhenTold) {
  EXPECT_EXIT(End(143, true), testing::ExitedWithCode(143), "^end\n$");
}

}  // namespace
