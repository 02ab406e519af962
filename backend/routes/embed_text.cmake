# cmake -DINPUT=FILE -DOUTPUT=FILE.cpp -P embed_text.cmake
# Writes the text of INPUT as the answer of openapi_document().
file(READ "${INPUT}" text)
file(WRITE "${OUTPUT}" "#include \"backend/routes/openapi.hpp\"

namespace pourtocol::routes {

std::string_view openapi_document() noexcept {
  return R\"openapi(${text})openapi\";
}

}  // namespace pourtocol::routes
")
