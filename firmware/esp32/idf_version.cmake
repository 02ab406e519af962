# Stops the build under an ESP-IDF that this firmware must not run on. Before 5.5.3 its HTTP server closed a connection
# that made room for another one by a message to itself, whatever CONFIG_HTTPD_QUEUE_WORK_BLOCKING said: in between that
# connection could become a held status request, whose answer then went to somebody else.
set(pourtocol_idf_least 5.5.3)
include("$ENV{IDF_PATH}/tools/cmake/version.cmake")
set(pourtocol_idf "${IDF_VERSION_MAJOR}.${IDF_VERSION_MINOR}.${IDF_VERSION_PATCH}")
if(pourtocol_idf VERSION_LESS pourtocol_idf_least)
  message(FATAL_ERROR "This is ESP-IDF ${pourtocol_idf}, and the firmware needs ${pourtocol_idf_least} or a later one: "
    "fetch its tag v${pourtocol_idf_least} (git checkout, git submodule update --init --recursive, install.sh).")
endif()
