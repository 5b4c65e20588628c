# Counts the tests of surefire's reports, says so in one line, and fails where one failed or none ran.
#   cmake -DREPORTS=... -DNAME=... -P CountTests.cmake
cmake_minimum_required(VERSION 3.20)

set(tests 0)
set(failed 0)
file(GLOB reports "${REPORTS}/TEST-*.xml")
foreach(report IN LISTS reports)
  file(STRINGS "${report}" suite REGEX "<testsuite " LIMIT_COUNT 1)
  foreach(name tests failures errors skipped)
    string(REGEX MATCH " ${name}=\"([0-9]+)\"" ignored "${suite}")
    set(${name}_here ${CMAKE_MATCH_1})
  endforeach()
  math(EXPR tests "${tests} + ${tests_here} - ${skipped_here}")
  math(EXPR failed "${failed} + ${failures_here} + ${errors_here}")
endforeach()

execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${NAME}: ${tests} tests, ${failed} failed")
if(tests EQUAL 0 OR NOT failed EQUAL 0)
  message(FATAL_ERROR "see ${REPORTS}")
endif()
