/* The built-in models, as they are on disk. In an assembly file and not in C, so that link-time
 * optimisation leaves it alone; a compiler would need a minute and a gigabyte for an array. */
#if defined(__APPLE__)
    .const
#else
    .section .rodata
#endif

    .global hearth_guide_begin, hearth_guide_end
    .balign 64
hearth_guide_begin:
#ifdef HEARTH_GUIDE
    .incbin HEARTH_GUIDE
#endif
hearth_guide_end:
    .byte 0

    .global hearth_guide_draft_begin, hearth_guide_draft_end
    .balign 64
hearth_guide_draft_begin:
#ifdef HEARTH_GUIDE_DRAFT
    .incbin HEARTH_GUIDE_DRAFT
#endif
hearth_guide_draft_end:
    .byte 0

#if defined(__linux__) && defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif
