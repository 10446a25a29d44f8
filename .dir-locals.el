;;; How the macros of this project are indented.
((scheme-mode
  . ((indent-tabs-mode . nil)
     (fill-column . 100)
     (eval . (put 'define-plugin 'scheme-indent-function 1))
     (eval . (put 'define-located 'scheme-indent-function 1))
     (eval . (put 'test-suite 'scheme-indent-function 1))
     (eval . (put 'test-equal 'scheme-indent-function 1))
     (eval . (put 'fresh 'scheme-indent-function 1))
     (eval . (put 'run 'scheme-indent-function 2))
     (eval . (put 'run* 'scheme-indent-function 1))
     (eval . (put 'with-exception-handler 'scheme-indent-function 1))))
 (c++-mode . ((c-basic-offset . 2) (fill-column . 100))))
