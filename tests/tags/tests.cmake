# What the shipped rules are worth (scripts/eval-tags.sh): each type alone beside its look-alike, all of them together, and the files that
# users copy. Those that score graphs are skipped where Python has no h5py.
add_test(NAME tags.rule_files COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tags/rule_files.sh $<TARGET_FILE:ringfence>)
set(RF_TAG_TESTS tags.rule_files)
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  foreach(type all account_farm account_takeover card_testing collusion device_farm mule_fan_in_out promo_abuse refund_abuse review_farm
          self_dealing velocity_bot)
    add_test(NAME tags.${type} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tags/evaluate.sh $<TARGET_FILE:ringfence> ${type})
    list(APPEND RF_TAG_TESTS tags.${type})
  endforeach()
endif()
set_tests_properties(${RF_TAG_TESTS} PROPERTIES LABELS tags SKIP_RETURN_CODE 77 TIMEOUT 600)
