# Makes the archive from which Java takes the classes of a packaged program (class-data sharing):
# those that a caption of the bundled model loads. Where there can be none, as with a libtorch for
# CUDA on a machine without it, says so and leaves none; the program works without.
#   cmake -DJAVA=... -DJAR=... -DSOURCE_DIR=... -DARCHIVE=... -P ArchiveClasses.cmake
cmake_minimum_required(VERSION 3.20)

# Java crashes on an archive that was cut off, so one is written under another name.
set(written "${ARCHIVE}.part")
file(REMOVE "${ARCHIVE}" "${written}")
execute_process(
  COMMAND "${JAVA}" "-XX:ArchiveClassesAtExit=${written}" -Xlog:cds=off -Xlog:cds+dynamic=off
          -jar "${JAR}" caption
          --cfg-path "${SOURCE_DIR}/configs/finetune/caption_folder_small.yaml"
          "${SOURCE_DIR}/src/test/resources/golden/g_image_processing/rgb_444_small.jpg"
  TIMEOUT 120
  RESULT_VARIABLE status
  OUTPUT_QUIET
  ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  file(REMOVE "${written}")
  message(STATUS "no archive of classes: a caption ended with ${status}\n${errors}")
elseif(NOT EXISTS "${written}")
  message(STATUS "no archive of classes: this Java makes none\n${errors}")
else()
  file(RENAME "${written}" "${ARCHIVE}")
endif()
