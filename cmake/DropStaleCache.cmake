# Deletes the cache of a build that cannot be configured again, so that the next configuration
# starts anew: of a checkout that was copied or moved, of another generator than the environment
# asks for, or made with programs or headers that are there no more.
#   cmake -DSOURCE_DIR=... -DBUILD_DIR=... -P DropStaleCache.cmake
cmake_minimum_required(VERSION 3.20)

set(cache "${BUILD_DIR}/CMakeCache.txt")
if(NOT EXISTS "${cache}")
  return()
endif()

function(cached name result)
  file(STRINGS "${cache}" entry REGEX "^${name}:" LIMIT_COUNT 1)
  string(REGEX REPLACE "^[^=]*=" "" value "${entry}")
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

set(reason "")
foreach(pair "CMAKE_HOME_DIRECTORY;${SOURCE_DIR}" "CMAKE_CACHEFILE_DIR;${BUILD_DIR}")
  list(GET pair 0 name)
  list(GET pair 1 expected)
  cached(${name} found)
  file(REAL_PATH "${found}" found_path)
  file(REAL_PATH "${expected}" expected_path)
  if(NOT found_path STREQUAL expected_path)
    set(reason "it was made in ${found}")
  endif()
endforeach()
cached(CMAKE_GENERATOR generator)
if(DEFINED ENV{CMAKE_GENERATOR} AND NOT "$ENV{CMAKE_GENERATOR}" STREQUAL generator)
  set(reason "it was made for ${generator}, not $ENV{CMAKE_GENERATOR}")
endif()
foreach(name CMAKE_MAKE_PROGRAM CMAKE_CXX_COMPILER JNI_INCLUDE_DIR)
  cached(${name} found)
  if(found AND NOT EXISTS "${found}")
    set(reason "its ${name} '${found}' is not there")
  endif()
endforeach()

if(reason)
  message(STATUS "${cache} is made anew: ${reason}")
  file(REMOVE_RECURSE "${cache}" "${BUILD_DIR}/CMakeFiles")
endif()
