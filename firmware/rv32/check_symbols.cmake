# Fails if IMAGE holds a symbol that means a heap, exceptions or run-time type information.
execute_process(COMMAND ${NM} ${IMAGE} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT symbols MATCHES "pourtocol")
  message(FATAL_ERROR "${IMAGE} does not hold the core at all")
endif()
set(forbidden
  " (_?malloc|_?free|_?calloc|_?realloc|_?sbrk|_Zn[wa]j[^\n]*|_Zd[la]Pv[^\n]*|__cxa_[^\n]*|_Unwind_[^\n]*|__gxx_personality[^\n]*|_ZTI[^\n]*|abort)\n")
string(REGEX MATCHALL "${forbidden}" found "${symbols}")
if(found)
  message(FATAL_ERROR "must not be in the image:${found}")
endif()
