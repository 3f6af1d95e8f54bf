(** L2 [ours] (blueprint, section 1), without the arc-cosine kernel: the moment bound, the exact quadratic form, and
    the factor 1/sqrt 2 when the law of what the first layer sees is symmetric.

    Definitions: [feature_distance], ||[a.X]_+ - [b.X]_+|| in L2(P); [linear_distance], ||(a - b).X||; [symmetric],
    X and -X have the same law: every function has the same mean at both; [pair_law], the law of x and -x, half and
    half up to a factor.
    Statements: L2. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

Section Moment.
Variable X : data.

(** || [a.X]_+ - [b.X]_+ || and || (a - b).X || *)
Definition feature_distance (a b : vector) : R :=
  pnorm X (fun k => relu (dot X a (input X k)) - relu (dot X b (input X k))).
Definition linear_distance (a b : vector) : R :=
  pnorm X (fun k => dot X (fun i => a i - b i) (input X k)).

Lemma dot_minus a b x : dot X (fun i => a i - b i) x = dot X a x - dot X b x.
Proof. unfold dot. rewrite <- lsum_minus. apply lsum_ext; intros; ring. Qed.

(** "the exact ||(a-b).X|| is a quadratic form and sharper than all" *)
Theorem L2_quadratic a b : feature_distance a b <= linear_distance a b.
Proof.
  apply wnorm_mono; [apply weight_nonneg|]. intros k _. rewrite dot_minus. apply L1b_lipschitz.
Qed.

Theorem L2_moment sigma a b : moment X sigma ->
  feature_distance a b <= sigma * enorm (seen X) (fun i => a i - b i).
Proof. intros Hs. eapply Rle_trans; [apply L2_quadratic | now apply moment_norm]. Qed.

(** "X ~ -X": every function has the same mean at X and at -X *)
Definition symmetric : Prop := forall phi : vector -> R,
  (forall x y, (forall i, (i < seen X)%nat -> x i = y i) -> phi x = phi y) ->
  \sum_(k < points X) (weight X k * phi (input X k))
  = \sum_(k < points X) (weight X k * phi (fun i => - input X k i)).

Theorem L2_symmetric a b : symmetric -> sqrt 2 * feature_distance a b <= linear_distance a b.
Proof.
  intros Hsym.
  set (phi := fun x : vector => (relu (dot X a x) - relu (dot X b x))^2).
  assert (Hphi : forall x y, (forall i, (i < seen X)%nat -> x i = y i) -> phi x = phi y).
  { intros x y E. unfold phi. replace (dot X a x) with (dot X a y).
    - replace (dot X b x) with (dot X b y); [easy|]. apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite E.
    - apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite E. }
  assert (Hopp : forall c x, dot X c (fun i => - x i) = - dot X c x).
  { intros c x. unfold dot. rewrite (lsum_ext _ _ (fun i => (-1) * (c i * x i))) by (intros; ring).
    rewrite lsum_scal. ring. }
  assert (Hsum : 2 * (feature_distance a b)^2 <= (linear_distance a b)^2).
  { unfold feature_distance, linear_distance, pnorm. rewrite !wnorm_sq by apply weight_nonneg.
    change (2 * \sum_(k < points X) (weight X k * phi (input X k))
      <= \sum_(k < points X) (weight X k * (dot X (fun i => a i - b i) (input X k))^2)).
    replace (2 * \sum_(k < points X) (weight X k * phi (input X k)))
      with (\sum_(k < points X) (weight X k * phi (input X k))
            + \sum_(k < points X) (weight X k * phi (fun i => - input X k i))) by (rewrite <- (Hsym phi Hphi); ring).
    rewrite <- lsum_plus. apply lsum_le; intros k _. rewrite <- Rmult_plus_distr_l.
    apply Rmult_le_compat_l; [apply weight_nonneg|]. unfold phi. rewrite !Hopp, dot_minus. apply L1c_mirrored. }
  assert (H0 : 0 <= feature_distance a b) by apply wnorm_nonneg.
  apply Rsqr_incr_0; [|apply Rmult_le_pos; [apply sqrt_pos | easy] | apply wnorm_nonneg].
  rewrite !Rsqr_pow2, Rpow_mult_distr, pow2_sqrt by lra. exact Hsum.
Qed.
End Moment.

(** The factor is sharp, and not to be had without symmetry: case 2 in [known_answers.v]. A symmetric law: *)
Definition pair_law (x : vector) (n : nat) : data := Data 2 n 1
  (fun k i => match k with O => x i | _ => - x i end) (fun _ _ => 0) (fun _ => 1)
  (fun _ => Rle_0_1).

Theorem pair_law_symmetric x n : symmetric (pair_law x n).
Proof.
  intros phi Hphi. cbn [pair_law points weight input seq lsum].
  rewrite (Hphi (fun i => - - x i) (fun i => x i)) by (intros; ring). ring.
Qed.
